// The answer of MLflow's scoring server.
#pragma once

#include <string>

#include "domains/serving/runtime.h"

namespace slipway::scoring {

// {"predictions": [...]}: a list of row objects, or of bare values for one column of a model that gives arrays. As
// MLflow does, a number that is none is the bare token NaN.
std::string write_predictions(const tables::Table& outputs, serving::AnswerForm form);

}  // namespace slipway::scoring
