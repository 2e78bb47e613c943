// CSV and Parquet bodies of MLflow's scoring server.
#pragma once

#include <string_view>

#include "domains/packaging/signature.h"

namespace slipway::scoring {

// With a header line; cells are read as the signature's types. Throws ScoringError.
tables::Table read_csv_frame(std::string_view body, const packaging::Signature& signature);
// Strict: a column must have its type, or one that fits into it without loss. Throws ScoringError.
tables::Table read_parquet_frame(std::string_view body, const packaging::Signature& signature);

}  // namespace slipway::scoring
