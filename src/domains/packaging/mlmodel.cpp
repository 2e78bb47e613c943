#include "domains/packaging/mlmodel.h"

#include <yaml-cpp/yaml.h>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"

namespace slipway::packaging {

namespace {

using tables::ColumnType;

// The client version whose layout this is; clients compare it with their own and warn when theirs is older.
constexpr std::string_view kMlflowVersion = "3.0.0";

// A scalar that any YAML reader takes as this text: plain when nothing in it means anything to YAML, else
// single-quoted.
std::string yaml_scalar(std::string_view text) {
  bool plain = !text.empty() && !text::parse_double(text) && !text::parse_bool(text);
  for (const char c : text) {
    const bool ordinary = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '/' || c == '.' || c == '-';
    plain = plain && ordinary;
  }
  for (const std::string_view word : {"null", "~", "y", "n"}) plain = plain && !text::equal_ignoring_case(text, word);
  // A run of digits and points or dashes may be read as a number or a date.
  plain =
      plain && text.find_first_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/") != std::string_view::npos;
  // Hexadecimal ids like 12e4 may be read as numbers.
  plain = plain && !(text.front() >= '0' && text.front() <= '9') && text.front() != '-' && text.front() != '.';
  if (plain) return std::string(text);
  for (const char c : text) {
    // Single quotes fold line ends; double quotes with JSON's escapes do not.
    if (static_cast<unsigned char>(c) < 0x20) return json::write(json::value(text));
  }
  return "'" + text::replace_all(text, "'", "''") + "'";
}

std::string columns_json(const std::vector<ColumnSpec>& columns) {
  json::array items;
  for (const ColumnSpec& column : columns) {
    items.push_back(
        json::object{{"type", mlflow_type(column.type)}, {"name", column.name}, {"required", column.required}});
  }
  return json::write(items);
}

// MLflow's time format: "2013-09-01 05:00:00.000000".
std::string mlflow_time(int64_t time_ms) {
  std::string text = text::format_time_ms(time_ms);
  text[text.find('T')] = ' ';
  text.pop_back();
  return text + "000";
}

std::string flavor_yaml(const Flavor& flavor) {
  std::string out;
  std::string open_group;
  for (const auto& [key, value] : flavor) {
    const size_t dot = key.find('.');
    if (dot == std::string::npos) {
      out += "    " + key + ": " + yaml_scalar(value) + "\n";
      continue;
    }
    const std::string group = key.substr(0, dot);
    if (group != open_group) out += "    " + group + ":\n";
    open_group = group;
    out += "      " + key.substr(dot + 1) + ": " + yaml_scalar(value) + "\n";
  }
  return out;
}

std::string scalar_of(const YAML::Node& node, std::string_view key) {
  if (!node || node.IsNull()) return "";
  if (!node.IsScalar()) throw invalid_argument("'", key, "' of the MLmodel file must be a single value");
  return node.Scalar();
}

void flatten(const YAML::Node& node, const std::string& prefix, int depth, Flavor& out) {
  for (const auto& member : node) {
    const std::string key = prefix + member.first.Scalar();
    if (member.second.IsScalar()) out[key] = member.second.Scalar();
    if (member.second.IsMap() && depth < 4) flatten(member.second, key + ".", depth + 1, out);
  }
}

std::optional<std::vector<ColumnSpec>> parse_columns(const std::string& text) {
  std::vector<ColumnSpec> columns;
  if (text.empty()) return columns;
  const json::value document = json::parse(text);
  if (!document.is_array()) throw invalid_argument("a signature's columns must be a list");
  for (const json::value& item : document.get_array()) {
    const json::object& column = json::as_object(item, "a column of the signature");
    const std::string type = json::get_string(column, "type");
    if (type == "tensor" || type == "array" || type == "object" || type == "map" || type == "any") return std::nullopt;
    ColumnSpec spec;
    spec.name = json::find_string(column, "name").value_or(std::to_string(columns.size()));
    spec.type = parse_mlflow_type(type);
    spec.required = json::find_bool(column, "required").value_or(true);
    columns.push_back(std::move(spec));
  }
  return columns;
}

std::optional<Signature> parse_signature(const YAML::Node& node) {
  if (!node || !node.IsMap()) return std::nullopt;
  const auto inputs = parse_columns(scalar_of(node["inputs"], "signature.inputs"));
  if (!inputs) return std::nullopt;
  // Outputs of other kinds are of no use here, but the inputs are.
  const auto outputs = parse_columns(scalar_of(node["outputs"], "signature.outputs"));
  return Signature{*inputs, outputs.value_or(std::vector<ColumnSpec>{})};
}

MlModel model_of(const YAML::Node& root) {
  if (!root.IsMap()) throw invalid_argument("the MLmodel file must hold keys and values");
  MlModel model;
  model.artifact_path = scalar_of(root["artifact_path"], "artifact_path");
  model.run_id = scalar_of(root["run_id"], "run_id");
  model.model_uuid = scalar_of(root["model_uuid"], "model_uuid");
  const std::string created = scalar_of(root["utc_time_created"], "utc_time_created");
  if (created.size() >= 19) {
    model.created_ms = text::parse_time_ms(created.substr(0, 10) + "T" + created.substr(11, 8) + "Z").value_or(0);
    if (created.size() >= 23) model.created_ms += text::parse_int(created.substr(20, 3)).value_or(0);
  }
  const YAML::Node flavors = root["flavors"];
  if (!flavors || !flavors.IsMap()) throw invalid_argument("the MLmodel file names no flavors");
  for (const auto& flavor : flavors) {
    Flavor settings;
    if (flavor.second.IsMap()) flatten(flavor.second, "", 0, settings);
    model.flavors[flavor.first.Scalar()] = std::move(settings);
  }
  model.signature = parse_signature(root["signature"]);
  const YAML::Node metadata = root["metadata"];
  if (metadata && metadata.IsMap()) flatten(metadata, "", 0, model.metadata);
  return model;
}

}  // namespace

std::string_view mlflow_type(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kInteger:
      return "long";
    case ColumnType::kDouble:
      return "double";
    case ColumnType::kText:
      return "string";
    case ColumnType::kTime:
      return "datetime";
  }
  throw internal_error("a column type without a name");
}

ColumnType parse_mlflow_type(std::string_view word) {
  if (word == "boolean") return ColumnType::kBoolean;
  if (word == "long" || word == "integer") return ColumnType::kInteger;
  if (word == "double" || word == "float") return ColumnType::kDouble;
  if (word == "string") return ColumnType::kText;
  if (word == "datetime") return ColumnType::kTime;
  throw invalid_argument("a signature's column cannot have type '", word, "'");
}

std::string write_mlmodel(const MlModel& model) {
  std::string out;
  const auto line = [&out](std::string_view key, const std::string& value) {
    if (!value.empty()) out += std::string(key) + ": " + yaml_scalar(value) + "\n";
  };
  line("artifact_path", model.artifact_path);
  out += "flavors:\n";
  for (const auto& [name, flavor] : model.flavors) out += "  " + name + ":\n" + flavor_yaml(flavor);
  if (!model.metadata.empty()) out += "metadata:\n";
  for (const auto& [key, value] : model.metadata) out += "  " + yaml_scalar(key) + ": " + yaml_scalar(value) + "\n";
  line("mlflow_version", std::string(kMlflowVersion));
  line("model_uuid", model.model_uuid);
  line("run_id", model.run_id);
  if (model.signature) {
    out += "signature:\n";
    out += "  inputs: " + yaml_scalar(columns_json(model.signature->inputs)) + "\n";
    out += "  outputs: " + yaml_scalar(columns_json(model.signature->outputs)) + "\n";
    out += "  params: null\n";
  }
  if (model.created_ms != 0) line("utc_time_created", mlflow_time(model.created_ms));
  return out;
}

MlModel parse_mlmodel(std::string_view text) {
  try {
    return model_of(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    throw invalid_argument("the MLmodel file is not valid YAML: ", error.what());
  }
}

MlModel read_mlmodel(const std::string& folder) {
  const std::string path = folder + "/MLmodel";
  if (!files::exists(path)) throw not_found(folder, " is not a model directory: it holds no MLmodel file");
  try {
    return parse_mlmodel(files::read(path));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    throw invalid_argument(path, ": ", error.what());
  }
}

}  // namespace slipway::packaging
