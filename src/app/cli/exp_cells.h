// Values of experiments in a cell of a table. Shared by `exp show` and `exp diff`.
#pragma once

#include <optional>
#include <string>

#include "domains/data/value.h"

namespace slipway::cli {

constexpr int kExperimentDigits = 5;

// Floats with so many significant digits, those in lists and maps too; all of them without a number.
std::string experiment_cell(const data::Value& value, std::optional<int> digits);

}  // namespace slipway::cli
