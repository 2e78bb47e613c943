#include "domains/serving/lightgbm_runtime.h"

#include <filesystem>

#include "domains/serving/booster_features.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/engines/lightgbm.h"

namespace slipway::serving {

namespace {

using engines::Layout;
using tables::ColumnType;

// Up to here row by row is faster than the set-up of a batch; from there on all cores help.
constexpr size_t kRowByRow = 32;
constexpr size_t kAllCores = 8192;

class LightGbmRuntime final : public Runtime {
 public:
  LightGbmRuntime(const std::string& text, packaging::Encoding encoding, packaging::Signature signature,
                  AnswerForm form)
      : model_(text), encoding_(std::move(encoding)), signature_(std::move(signature)), form_(form) {
    const size_t features = encoding_.features().size();
    if (static_cast<size_t>(model_.feature_count()) != features) {
      throw data_loss("the LightGBM model takes ", model_.feature_count(), " features, its description names ",
                      features);
    }
  }

  const packaging::Signature& signature() const override { return signature_; }
  AnswerForm answer_form() const override { return form_; }

  tables::Table predict(const tables::Table& rows) const override {
    tables::Table answer;
    answer.add(tables::Column::of_doubles(signature_.outputs[0].name, scores(rows)));
    return answer;
  }

 private:
  std::vector<double> scores(const tables::Table& rows) const {
    const size_t width = encoding_.features().size();
    if (rows.rows() > kRowByRow) {
      const std::vector<double> values = encoding_.encode(rows, Layout::kColumns);
      const engines::MatrixView matrix{values, rows.rows(), width, Layout::kColumns};
      return model_.predict(matrix, rows.rows() >= kAllCores ? 0 : 1);
    }
    const std::vector<double> values = encoding_.encode(rows, Layout::kRows);
    std::vector<double> out;
    for (size_t row = 0; row < rows.rows(); ++row) {
      out.push_back(model_.predict_row(std::span(values).subspan(row * width, width)));
    }
    return out;
  }

  engines::lightgbm::Model model_;
  packaging::Encoding encoding_;
  packaging::Signature signature_;
  AnswerForm form_;
};

}  // namespace

std::unique_ptr<Runtime> open_lightgbm(packaging::ModelContent content) {
  packaging::Signature signature{content.encoding.input_columns(), content.outputs};
  return std::make_unique<LightGbmRuntime>(content.model, std::move(content.encoding), std::move(signature),
                                           AnswerForm::kFrame);
}

std::unique_ptr<Runtime> open_foreign_lightgbm(const packaging::MlModel& file, const std::string& folder) {
  const packaging::Flavor& flavor = file.flavors.at("lightgbm");
  const auto setting = [&flavor](const std::string& key, const std::string& otherwise) {
    const auto found = flavor.find(key);
    return found == flavor.end() ? otherwise : found->second;
  };
  const std::string model_class = setting("model_class", "lightgbm.basic.Booster");
  if (model_class != "lightgbm.basic.Booster") {
    throw Error(ErrorCode::kUnimplemented, text::concat(folder, " holds a Python object, ", model_class,
                                                        ", which is not opened: log its booster_ instead"));
  }
  const std::string name = setting("data", "model.lgb");
  if (std::filesystem::path(name).filename() != name) throw invalid_argument(folder, ": 'data' must be a file name");
  const std::string model = files::read(folder + "/" + name);
  packaging::Encoding encoding(booster_features(model, file.signature));
  packaging::Signature signature{file.signature ? file.signature->inputs : encoding.input_columns(),
                                 {{"prediction", ColumnType::kDouble, true}}};
  return std::make_unique<LightGbmRuntime>(model, std::move(encoding), std::move(signature), AnswerForm::kArray);
}

}  // namespace slipway::serving
