#include "protocols/oip/infer_response.h"

#include <algorithm>
#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"
#include "foundation/base/text.h"

namespace slipway::oip {

namespace {

using tables::Column;
using tables::ColumnType;

// JSON has no NaN; a missing answer and one that is no number are null.
void append_json_cell(std::string& out, const Column& column, size_t row) {
  if (column.is_missing(row)) {
    out.append("null");
  } else if (column.type() == ColumnType::kDouble) {
    const double value = column.doubles()[row];
    if (std::isfinite(value)) {
      append_json_number(out, value);
    } else {
      out.append("null");
    }
  } else if (column.type() == ColumnType::kText) {
    append_json_string(out, column.text(row));
  } else if (column.type() == ColumnType::kBoolean) {
    out.append(column.integers()[row] != 0 ? "true" : "false");
  } else {
    append_json_number(out, column.integers()[row]);
  }
}

void append_binary(std::string& out, const Column& column) {
  const auto raw = [&out](const void* bytes, size_t size) { out.append(static_cast<const char*>(bytes), size); };
  switch (column.type()) {
    case ColumnType::kDouble:
      return raw(column.doubles().data(), column.size() * sizeof(double));
    case ColumnType::kInteger:
    case ColumnType::kTime:
      return raw(column.integers().data(), column.size() * sizeof(int64_t));
    case ColumnType::kBoolean:
      for (const int64_t value : column.integers()) out.push_back(value != 0 ? '\1' : '\0');
      return;
    case ColumnType::kText:
      break;
  }
  for (size_t row = 0; row < column.size(); ++row) {
    const auto length = static_cast<uint32_t>(column.text(row).size());
    raw(&length, sizeof(length));
    out.append(column.text(row));
  }
}

void append_output(std::string& json, std::string& binary, const Column& column, bool as_binary) {
  json.append(R"({"name":)");
  append_json_string(json, column.name());
  json.append(R"(,"datatype":")").append(name_of(datatype_of(column.type()))).append(R"(","shape":[)");
  append_json_number(json, static_cast<int64_t>(column.size()));
  json.append("]");
  if (as_binary) {
    const size_t before = binary.size();
    append_binary(binary, column);
    json.append(R"(,"parameters":{"binary_data_size":)");
    append_json_number(json, static_cast<int64_t>(binary.size() - before));
    json.append("}}");
    return;
  }
  json.append(R"(,"data":[)");
  for (size_t row = 0; row < column.size(); ++row) {
    if (row != 0) json.push_back(',');
    append_json_cell(json, column, row);
  }
  json.append("]}");
}

}  // namespace

std::vector<OutputRequest> choose_outputs(const InferRequest& request, const packaging::Signature& signature) {
  std::vector<OutputRequest> all;
  std::vector<std::string> names;
  for (const packaging::ColumnSpec& spec : signature.outputs) {
    all.push_back({spec.name, request.binary_outputs});
    names.push_back("'" + spec.name + "'");
  }
  for (const OutputRequest& output : request.outputs) {
    const auto same_name = [&](const OutputRequest& one) { return one.name == output.name; };
    if (std::none_of(all.begin(), all.end(), same_name)) {
      throw invalid_argument("the model has no output '", output.name, "', only ", text::join(names, ", "));
    }
  }
  return request.outputs.empty() ? all : request.outputs;
}

http::Response infer_response(std::string_view model_name, std::string_view model_version, std::string_view id,
                              const tables::Table& outputs, const std::vector<OutputRequest>& chosen) {
  std::string json = R"({"model_name":)";
  std::string binary;
  append_json_string(json, model_name);
  json.append(R"(,"model_version":)");
  append_json_string(json, model_version);
  json.append(R"(,"id":)");
  append_json_string(json, id);
  json.append(R"(,"outputs":[)");
  bool any_binary = false;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (i != 0) json.push_back(',');
    append_output(json, binary, outputs.get(chosen[i].name), chosen[i].binary);
    any_binary = any_binary || chosen[i].binary;
  }
  json.append("]}");
  if (!any_binary) return http::Response::json(200, std::move(json));
  const std::string length = std::to_string(json.size());
  http::Response response;
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("Inference-Header-Content-Length", length);
  response.body = json.append(binary);
  return response;
}

}  // namespace slipway::oip
