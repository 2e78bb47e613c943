// Serves the logistic regressions of our training.
#pragma once

#include <memory>

#include "domains/packaging/model_folder.h"
#include "domains/serving/runtime.h"

namespace slipway::serving {

std::unique_ptr<Runtime> open_logistic(packaging::ModelContent content);

}  // namespace slipway::serving
