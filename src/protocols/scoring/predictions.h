// The answer of MLflow's scoring server.
#pragma once

#include <string>

#include "foundation/tables/table.h"

namespace slipway::scoring {

// {"predictions": [...]}: a flat list for one output column, a list of row objects for several. As MLflow does, a
// number that is none is the bare token NaN.
std::string write_predictions(const tables::Table& outputs);

}  // namespace slipway::scoring
