// The JSON bodies of MLflow's scoring server: dataframe_split, dataframe_records, instances and inputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/packaging/signature.h"

namespace slipway::scoring {

struct JsonFrame {
  tables::Table rows;
  std::vector<std::string> prediction_ids;  // of "params", if the client sends its own
};

// Throws ScoringError.
JsonFrame read_json_frame(std::string_view body, const packaging::Signature& signature);

}  // namespace slipway::scoring
