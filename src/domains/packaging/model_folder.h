// A model directory of ours: MLmodel, the model itself, slipway.json (encoding and outputs), what a Python client needs
// to load it, and the hashes that tell a damaged copy. Written by training, read by serving.
//
//   MLmodel            flavors python_function (loader below), slipway, and lightgbm for models of that kind
//   model.lgb | model.json
//   slipway.json       kind, data file and its SHA-256, features with their categories, outputs
//   code/slipway_pyfunc.py, requirements.txt, python_env.yaml, conda.yaml
//
// Stock `mlflow.pyfunc.load_model` takes the raw columns of the signature, exactly as `slipway serve` does. Stock
// `mlflow.lightgbm.load_model` gives the bare booster, which takes encoded numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domains/packaging/encoding.h"
#include "domains/packaging/signature.h"

namespace slipway::packaging {

enum class ModelKind { kLightGbm, kLogistic };
std::string_view name_of(ModelKind kind);

struct ModelContent {
  ModelKind kind = ModelKind::kLightGbm;
  std::string model;  // the text of model.lgb or model.json
  Encoding encoding;
  std::vector<ColumnSpec> outputs;
  std::map<std::string, std::string> metadata;
};

// Ids and times are given only where two runs may differ: without them the same content gives the same bytes.
struct ModelOrigin {
  std::string artifact_path = "model";
  std::string run_id;
  int64_t created_ms = 0;
};

// The content's own id, 32 hexadecimal digits of its hash; also the MLmodel file's model_uuid.
std::string content_id(const ModelContent& content);
// Replaces the folder's files of these names.
void write_model_folder(const ModelContent& content, const ModelOrigin& origin, const std::string& folder);

// Throws not_found when the folder is no model directory, unimplemented when it is not one of ours, data_loss when the
// model's bytes are not those that were written.
ModelContent read_model_folder(const std::string& folder);

// slipway.json by itself.
std::string write_description(const ModelContent& content);
// All but `model`, `metadata`; the data file's name and hash come along.
struct Description {
  ModelContent content;
  std::string data_file;
  std::string data_sha256;
};
Description parse_description(std::string_view text);

}  // namespace slipway::packaging
