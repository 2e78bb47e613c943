#include "domains/serving/logistic_runtime.h"

#include "domains/packaging/logistic_model.h"
#include "foundation/base/error.h"

namespace slipway::serving {

namespace {

class LogisticRuntime final : public Runtime {
 public:
  explicit LogisticRuntime(packaging::ModelContent content)
      : model_(packaging::parse_logistic(content.model)), encoding_(std::move(content.encoding)) {
    if (model_.terms.size() != encoding_.features().size()) {
      throw data_loss("the logistic model takes ", model_.terms.size(), " features, its description names ",
                      encoding_.features().size());
    }
    signature_ = {encoding_.input_columns(), std::move(content.outputs)};
  }

  const packaging::Signature& signature() const override { return signature_; }
  AnswerForm answer_form() const override { return AnswerForm::kFrame; }

  tables::Table predict(const tables::Table& rows) const override {
    const std::vector<double> values = encoding_.encode(rows, engines::Layout::kColumns);
    const engines::MatrixView matrix{values, rows.rows(), model_.terms.size(), engines::Layout::kColumns};
    tables::Table answer;
    answer.add(tables::Column::of_doubles(signature_.outputs[0].name, model_.score(matrix)));
    return answer;
  }

 private:
  packaging::LogisticModel model_;
  packaging::Encoding encoding_;
  packaging::Signature signature_;
};

}  // namespace

std::unique_ptr<Runtime> open_logistic(packaging::ModelContent content) {
  return std::make_unique<LogisticRuntime>(std::move(content));
}

}  // namespace slipway::serving
