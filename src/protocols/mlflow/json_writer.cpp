#include "protocols/mlflow/json_writer.h"

#include <cmath>

#include "foundation/base/json_stream.h"

namespace slipway::mlflow {

void JsonWriter::comma() {
  if (out_.empty()) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_.push_back(',');
}

void JsonWriter::key(std::string_view name) {
  comma();
  if (name.empty()) return;
  append_json_string(out_, name);
  out_.push_back(':');
}

void JsonWriter::begin_object(std::string_view name) {
  key(name);
  out_.push_back('{');
}

void JsonWriter::begin_array(std::string_view name) {
  key(name);
  out_.push_back('[');
}

void JsonWriter::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
}

void JsonWriter::text_if_set(std::string_view name, std::string_view value) {
  if (!value.empty()) text(name, value);
}

void JsonWriter::integer(std::string_view name, int64_t value) {
  key(name);
  append_json_number(out_, value);
}

void JsonWriter::number(std::string_view name, double value) {
  if (std::isnan(value)) return text(name, "NaN");
  if (std::isinf(value)) return text(name, value > 0 ? "Infinity" : "-Infinity");
  key(name);
  append_json_number(out_, value);
}

void JsonWriter::flag(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }

void JsonWriter::element(std::string_view value) {
  comma();
  append_json_string(out_, value);
}

void JsonWriter::raw(std::string_view name, std::string_view json) {
  key(name);
  out_.append(json);
}

void JsonWriter::raw_element(std::string_view json) {
  comma();
  out_.append(json);
}

}  // namespace slipway::mlflow
