// Serves LightGBM models: those of our training, and those that MLflow's lightgbm flavor saved as a booster.
#pragma once

#include <memory>
#include <string>

#include "domains/packaging/mlmodel.h"
#include "domains/packaging/model_folder.h"
#include "domains/serving/runtime.h"

namespace slipway::serving {

std::unique_ptr<Runtime> open_lightgbm(packaging::ModelContent content);

// `file` is the folder's MLmodel. Such a model takes numbers and the categories that pandas knew when it was trained
// (booster_features.h), by the signature's columns in their order, or by the booster's feature names when there is no
// signature.
std::unique_ptr<Runtime> open_foreign_lightgbm(const packaging::MlModel& file, const std::string& folder);

}  // namespace slipway::serving
