#include "domains/serving/runtime.h"

#include "domains/packaging/mlmodel.h"
#include "domains/packaging/model_folder.h"
#include "domains/serving/lightgbm_runtime.h"
#include "domains/serving/logistic_runtime.h"
#include "foundation/base/error.h"

namespace slipway::serving {

std::unique_ptr<Runtime> open_runtime(const std::string& model_folder) {
  const packaging::MlModel file = packaging::read_mlmodel(model_folder);
  if (file.flavors.contains("slipway")) {
    packaging::ModelContent content = packaging::read_model_folder(model_folder);
    return content.kind == packaging::ModelKind::kLightGbm ? open_lightgbm(std::move(content))
                                                           : open_logistic(std::move(content));
  }
  if (file.flavors.contains("lightgbm")) return open_foreign_lightgbm(file, model_folder);
  std::vector<std::string> found;
  for (const auto& [name, flavor] : file.flavors) found.push_back(name);
  throw Error(ErrorCode::kUnimplemented, text::concat(model_folder, " holds a model of flavors ",
                                                      text::join(found, ", "), "; slipway and lightgbm can be served"));
}

}  // namespace slipway::serving
