// A model for tests: the score is a + 10 b + the runtime's own offset, so that an answer tells which version gave it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "domains/serving/served_model.h"
#include "foundation/base/error.h"

namespace slipway::serving {

class FakeRuntime final : public Runtime {
 public:
  explicit FakeRuntime(double offset, packaging::Signature signature)
      : offset_(offset), signature_(std::move(signature)) {}

  const packaging::Signature& signature() const override { return signature_; }
  AnswerForm answer_form() const override { return AnswerForm::kArray; }

  tables::Table predict(const tables::Table& rows) const override {
    const tables::Column& a = rows.get("a");
    const tables::Column* b = rows.find("b");
    tables::Column score("score", tables::ColumnType::kDouble);
    for (size_t row = 0; row < rows.rows(); ++row) {
      score.append_double(a.number(row) + (b == nullptr || b->is_missing(row) ? 0 : 10 * b->number(row)) + offset_);
    }
    tables::Table answer;
    answer.add(std::move(score));
    return answer;
  }

 private:
  double offset_;
  packaging::Signature signature_;
};

// Columns: a (double), b (long, may be absent), carrier (text, may be absent); score out.
inline packaging::Signature fake_signature() {
  packaging::Signature signature;
  signature.inputs = {{"a", tables::ColumnType::kDouble, true},
                      {"b", tables::ColumnType::kInteger, false},
                      {"carrier", tables::ColumnType::kText, false}};
  signature.outputs = {{"score", tables::ColumnType::kDouble, true}};
  return signature;
}

// Opens "folder" names: a number is a model with that offset, anything else fails.
inline std::unique_ptr<Runtime> open_fake(const std::string& folder) {
  const auto offset = text::parse_double(folder);
  if (!offset) throw invalid_argument("no model in ", folder);
  return std::make_unique<FakeRuntime>(*offset, fake_signature());
}

inline ModelCandidate fake_candidate(const std::string& version, const std::string& folder) {
  return {version, folder, "models:/m/" + version};
}

}  // namespace slipway::serving
