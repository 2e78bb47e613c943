// The rules of one column against its cells. Used by validate.cpp.
#pragma once

#include <vector>

#include "domains/validation/validate.h"

namespace slipway::validation {

std::vector<Anomaly> check_column(const tables::Column& column, const ColumnRule& rule, const ValidateOptions& options);

}  // namespace slipway::validation
