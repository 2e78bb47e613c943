// How MLflow tells whether two records of an evaluation dataset have the same inputs. Used by SqlWriter, so that MLflow
// finds the records that are written for it.
#pragma once

#include <string>
#include <string_view>

namespace slipway::mlflow_store {

// SHA-256 of Python's `json.dumps(inputs, sort_keys=True)`. `inputs` is in the form of traces::normal_json.
std::string record_hash(std::string_view inputs);
// The text that is hashed.
std::string python_json(std::string_view normal_json);

}  // namespace slipway::mlflow_store
