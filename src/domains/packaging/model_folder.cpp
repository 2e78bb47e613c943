#include "domains/packaging/model_folder.h"

#include "domains/packaging/mlmodel.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"

namespace slipway::packaging {

namespace {

#include "slipway_pyfunc.inc"

constexpr std::string_view kLightGbmVersion = "4.7.0";
constexpr std::string_view kPythonVersion = "3.11";

std::string_view data_file_of(ModelKind kind) { return kind == ModelKind::kLightGbm ? "model.lgb" : "model.json"; }

ModelKind parse_kind(std::string_view word) {
  if (word == "lightgbm") return ModelKind::kLightGbm;
  if (word == "logistic") return ModelKind::kLogistic;
  throw invalid_argument("a model cannot be of kind '", word, "'; there are lightgbm and logistic");
}

json::object feature_json(const Feature& feature) {
  json::object item{{"name", feature.name},
                    {"type", mlflow_type(feature.type)},
                    {"kind", feature.kind == FeatureKind::kNumber ? "number" : "category"},
                    {"required", feature.required}};
  if (feature.kind == FeatureKind::kCategory) {
    json::array categories;
    for (const std::string& category : feature.categories) categories.emplace_back(category);
    item["categories"] = std::move(categories);
  }
  return item;
}

Feature parse_feature(const json::value& item) {
  const json::object& from = json::as_object(item, "a feature");
  Feature feature;
  feature.name = json::get_string(from, "name");
  feature.type = parse_mlflow_type(json::get_string(from, "type"));
  const std::string kind = json::get_string(from, "kind");
  if (kind != "number" && kind != "category") throw invalid_argument("a feature cannot be of kind '", kind, "'");
  feature.kind = kind == "number" ? FeatureKind::kNumber : FeatureKind::kCategory;
  feature.required = json::find_bool(from, "required").value_or(true);
  if (feature.kind == FeatureKind::kNumber) return feature;
  for (const json::value& category : json::get_array(from, "categories")) {
    if (!category.is_string()) throw invalid_argument("categories of '", feature.name, "' must be text");
    feature.categories.emplace_back(category.get_string());
  }
  return feature;
}

MlModel mlmodel_of(const ModelContent& content, const ModelOrigin& origin) {
  MlModel file;
  file.artifact_path = origin.artifact_path;
  file.run_id = origin.run_id;
  file.created_ms = origin.created_ms;
  file.model_uuid = content_id(content);
  file.signature = Signature{content.encoding.input_columns(), content.outputs};
  file.metadata = content.metadata;
  const std::string data(data_file_of(content.kind));
  file.flavors["python_function"] = {{"code", "code"},
                                     {"env.conda", "conda.yaml"},
                                     {"env.virtualenv", "python_env.yaml"},
                                     {"loader_module", "slipway_pyfunc"},
                                     {"python_version", std::string(kPythonVersion)}};
  file.flavors["slipway"] = {
      {"data", data}, {"description", "slipway.json"}, {"kind", std::string(name_of(content.kind))}};
  if (content.kind == ModelKind::kLightGbm) {
    file.flavors["lightgbm"] = {
        {"data", data}, {"lgb_version", std::string(kLightGbmVersion)}, {"model_class", "lightgbm.basic.Booster"}};
  }
  return file;
}

std::string requirements_of(ModelKind kind) {
  std::string out = "mlflow\nnumpy\npandas\n";
  return kind == ModelKind::kLightGbm ? text::concat("lightgbm==", kLightGbmVersion, "\n", out) : out;
}

std::string conda_of(ModelKind kind) {
  std::string packages;
  for (const std::string& line : text::split(requirements_of(kind), '\n')) {
    if (!line.empty()) packages += "  - " + line + "\n";
  }
  return text::concat("channels:\n- conda-forge\ndependencies:\n- python=", kPythonVersion, "\n- pip\n- pip:\n",
                      packages, "name: mlflow-env\n");
}

}  // namespace

std::string_view name_of(ModelKind kind) { return kind == ModelKind::kLightGbm ? "lightgbm" : "logistic"; }

std::string content_id(const ModelContent& content) {
  Hasher hasher(HashKind::kSha256);
  hasher.update(write_description(content));
  for (const auto& [key, value] : content.metadata) hasher.update(key + "\n" + value + "\n");
  return hasher.finish_hex().substr(0, 32);
}

void write_model_folder(const ModelContent& content, const ModelOrigin& origin, const std::string& folder) {
  const auto write = [&folder](std::string_view name, std::string_view text) {
    files::write_atomic(folder + "/" + std::string(name), text);
  };
  write(data_file_of(content.kind), content.model);
  write("slipway.json", write_description(content));
  write("code/slipway_pyfunc.py", kPyfuncLoader);
  write("requirements.txt", requirements_of(content.kind));
  write("conda.yaml", conda_of(content.kind));
  write("python_env.yaml", text::concat("python: '", kPythonVersion,
                                        "'\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n"
                                        "- -r requirements.txt\n"));
  // Last: a folder without it is not taken for a model.
  write("MLmodel", write_mlmodel(mlmodel_of(content, origin)));
}

ModelContent read_model_folder(const std::string& folder) {
  const MlModel file = read_mlmodel(folder);
  const auto flavor = file.flavors.find("slipway");
  if (flavor == file.flavors.end()) {
    throw Error(ErrorCode::kUnimplemented, text::concat(folder, " holds a model that Slipway did not train"));
  }
  const std::string path = folder + "/slipway.json";
  Description description;
  try {
    description = parse_description(files::read(path));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    throw data_loss(path, ": ", error.what());
  }
  ModelContent content = std::move(description.content);
  content.model = files::read(folder + "/" + description.data_file);
  if (hash_hex(HashKind::kSha256, content.model) != description.data_sha256) {
    throw data_loss(folder, "/", description.data_file, " is not the file that was written: its SHA-256 differs from ",
                    path, "; fetch the model again");
  }
  content.metadata = file.metadata;
  return content;
}

std::string write_description(const ModelContent& content) {
  json::array features;
  for (const Feature& feature : content.encoding.features()) features.push_back(feature_json(feature));
  json::array outputs;
  for (const ColumnSpec& output : content.outputs) {
    outputs.push_back(json::object{{"name", output.name}, {"type", mlflow_type(output.type)}});
  }
  return json::write_pretty(json::object{{"format", 1},
                                         {"kind", name_of(content.kind)},
                                         {"data", data_file_of(content.kind)},
                                         {"sha256", hash_hex(HashKind::kSha256, content.model)},
                                         {"outputs", std::move(outputs)},
                                         {"features", std::move(features)}});
}

Description parse_description(std::string_view text) {
  const json::value document = json::parse(text);
  const json::object& root = json::as_object(document, "a model's description");
  if (json::get_int(root, "format") != 1) throw invalid_argument("a newer Slipway wrote this model's description");
  Description description;
  description.content.kind = parse_kind(json::get_string(root, "kind"));
  description.data_file = json::get_string(root, "data");
  if (description.data_file != data_file_of(description.content.kind)) {
    throw invalid_argument("'data' must be ", data_file_of(description.content.kind));
  }
  description.data_sha256 = json::get_string(root, "sha256");
  for (const json::value& item : json::get_array(root, "outputs")) {
    const json::object& output = json::as_object(item, "an output");
    description.content.outputs.push_back(
        {json::get_string(output, "name"), parse_mlflow_type(json::get_string(output, "type")), true});
  }
  if (description.content.outputs.size() != 1) throw invalid_argument("a model must have one output");
  std::vector<Feature> features;
  for (const json::value& item : json::get_array(root, "features")) features.push_back(parse_feature(item));
  description.content.encoding = Encoding(std::move(features));
  return description;
}

}  // namespace slipway::packaging
