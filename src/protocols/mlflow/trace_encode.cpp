// From the structs of traces to MLflow's JSON.
#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/json_stream.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

using traces::Span;
using traces::SpanStatus;

int digit_of(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// Of hexadecimal digits, as ids are kept.
std::string base64_of(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(digit_of(digits[i]) * 16 + digit_of(digits[i + 1])));
  return base64_encode(bytes);
}

std::string base64_of(const traces::TraceId& id) { return base64_of(std::string_view(id.value).substr(3)); }

std::string_view status_name(SpanStatus status) {
  switch (status) {
    case SpanStatus::kOk:
      return "STATUS_CODE_OK";
    case SpanStatus::kError:
      return "STATUS_CODE_ERROR";
    case SpanStatus::kUnset:
      break;
  }
  return "STATUS_CODE_UNSET";
}

void write_any_value(JsonWriter& json, std::string_view name, JsonReader& reader);

void write_any_object(JsonWriter& json, JsonReader& reader) {
  json.begin_object("kvlist_value");
  json.begin_array("values");
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    json.begin_object();
    json.text("key", key);
    write_any_value(json, "value", reader);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

// A JSON value as OTLP's AnyValue.
void write_any_value(JsonWriter& json, std::string_view name, JsonReader& reader) {
  json.begin_object(name);
  switch (reader.peek()) {
    case JsonReader::Kind::kNull:
      reader.read_null();
      break;
    case JsonReader::Kind::kBoolean:
      json.flag("bool_value", reader.read_boolean());
      break;
    case JsonReader::Kind::kNumber: {
      const JsonReader::Number number = reader.read_number();
      number.is_integer ? json.integer("int_value", number.integer) : json.number("double_value", number.real);
      break;
    }
    case JsonReader::Kind::kString:
      json.text("string_value", reader.read_string());
      break;
    case JsonReader::Kind::kArray:
      json.begin_object("array_value");
      json.begin_array("values");
      reader.begin_array();
      while (reader.next_element()) write_any_value(json, "", reader);
      json.end_array();
      json.end_object();
      break;
    case JsonReader::Kind::kObject:
      write_any_object(json, reader);
      break;
  }
  json.end_object();
}

void write_attributes(JsonWriter& json, const traces::Attributes& attributes) {
  json.begin_array("attributes");
  for (const traces::Attribute& attribute : attributes) {
    json.begin_object();
    json.text("key", attribute.key);
    JsonReader reader(attribute.value);
    write_any_value(json, "value", reader);
    json.end_object();
  }
  json.end_array();
}

void write_raw_attributes(JsonWriter& json, const traces::Attributes& attributes) {
  json.begin_object("attributes");
  for (const traces::Attribute& attribute : attributes) json.raw(attribute.key, attribute.value);
  json.end_object();
}

void write_pairs(JsonWriter& json, std::string_view name, const std::vector<traces::Tag>& pairs) {
  json.begin_array(name);
  for (const auto& pair : pairs) {
    json.begin_object();
    json.text("key", pair.key);
    json.text("value", pair.value);
    json.end_object();
  }
  json.end_array();
}

std::string duration_of(int64_t milliseconds) {
  return text::format_fixed(static_cast<double>(milliseconds) / 1000, 3) + "s";
}

void write_error(JsonWriter& json, const traces::AssessmentError& error) {
  json.begin_object("error");
  json.text("error_code", error.code);
  json.text_if_set("error_message", error.message);
  json.text_if_set("stack_trace", error.stack_trace);
  json.end_object();
}

void write_value(JsonWriter& json, const traces::Assessment& assessment) {
  json.begin_object(name_of(assessment.kind));
  const std::string& value = assessment.value;
  const bool is_nested = value.starts_with('[') || value.starts_with('{');
  if (assessment.kind == traces::AssessmentKind::kIssue) {
    json.raw("issue_name", value);
  } else if (assessment.kind == traces::AssessmentKind::kExpectation && is_nested) {
    json.begin_object("serialized_value");
    json.text("serialization_format", "JSON_FORMAT");
    json.text("value", value);
    json.end_object();
  } else {
    json.raw("value", value);
  }
  if (assessment.error) write_error(json, *assessment.error);
  json.end_object();
}

}  // namespace

void write_map(JsonWriter& json, std::string_view name, const std::vector<traces::Tag>& pairs) {
  json.begin_object(name);
  for (const auto& pair : pairs) json.text(pair.key, pair.value);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const traces::Assessment& assessment) {
  json.begin_object(name);
  json.text("assessment_id", assessment.id.value);
  json.text("assessment_name", assessment.name);
  json.text("trace_id", assessment.trace_id.value);
  json.text_if_set("span_id", assessment.span_id);
  json.begin_object("source");
  json.text("source_type", assessment.source_type);
  json.text("source_id", assessment.source_id);
  json.end_object();
  json.text("create_time", text::format_time_ms(assessment.created_ms));
  json.text("last_update_time", text::format_time_ms(assessment.updated_ms));
  write_value(json, assessment);
  if (assessment.rationale) json.text("rationale", *assessment.rationale);
  write_map(json, "metadata", assessment.metadata);
  json.text_if_set("overrides", assessment.overrides);
  json.flag("valid", assessment.is_valid);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const traces::Trace& trace) {
  json.begin_object(name);
  json.text("trace_id", trace.id.value);
  json.text_if_set("client_request_id", trace.client_request_id);
  json.begin_object("trace_location");
  json.text("type", "MLFLOW_EXPERIMENT");
  json.begin_object("mlflow_experiment");
  json.text("experiment_id", trace.experiment_id.value);
  json.end_object();
  json.end_object();
  json.text_if_set("request_preview", trace.request_preview);
  json.text_if_set("response_preview", trace.response_preview);
  json.text("request_time", text::format_time_ms(trace.request_ms));
  if (trace.execution_ms) json.text("execution_duration", duration_of(*trace.execution_ms));
  json.text("state", trace.state);
  write_map(json, "trace_metadata", trace.metadata);
  write_map(json, "tags", trace.tags);
  if (!trace.assessments.empty()) {
    json.begin_array("assessments");
    for (const traces::Assessment& assessment : trace.assessments) write(json, "", assessment);
    json.end_array();
  }
  json.end_object();
}

void write_old(JsonWriter& json, std::string_view name, const traces::Trace& trace) {
  json.begin_object(name);
  json.text("request_id", trace.id.value);
  json.text("experiment_id", trace.experiment_id.value);
  json.integer("timestamp_ms", trace.request_ms);
  if (trace.execution_ms) json.integer("execution_time_ms", *trace.execution_ms);
  json.text("status", trace.state == traces::kStateUnspecified ? "TRACE_STATUS_UNSPECIFIED" : trace.state);
  write_pairs(json, "request_metadata", trace.metadata);
  write_pairs(json, "tags", trace.tags);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const Span& span) {
  json.begin_object(name);
  json.text("trace_id", base64_of(span.trace_id));
  json.text("span_id", base64_of(span.span_id));
  if (!span.is_root()) json.text("parent_span_id", base64_of(span.parent_id));
  json.text("name", span.name);
  json.integer("start_time_unix_nano", span.start_ns);
  if (span.end_ns) json.integer("end_time_unix_nano", *span.end_ns);
  write_attributes(json, span.attributes);
  if (!span.events.empty()) {
    json.begin_array("events");
    for (const auto& event : span.events) {
      json.begin_object();
      json.integer("time_unix_nano", event.time_ns);
      json.text("name", event.name);
      write_attributes(json, event.attributes);
      json.end_object();
    }
    json.end_array();
  }
  if (!span.links.empty()) {
    json.begin_array("links");
    for (const auto& link : span.links) {
      json.begin_object();
      json.text("trace_id", base64_of(link.trace_id));
      json.text("span_id", base64_of(link.span_id));
      write_attributes(json, link.attributes);
      json.end_object();
    }
    json.end_array();
  }
  json.begin_object("status");
  json.text_if_set("message", span.status_message);
  json.text("code", status_name(span.status));
  json.end_object();
  json.end_object();
}

void write_as_file(JsonWriter& json, std::string_view name, const Span& span) {
  json.begin_object(name);
  json.text("trace_id", base64_of(span.trace_id));
  json.text("span_id", base64_of(span.span_id));
  span.is_root() ? json.raw("parent_span_id", "null") : json.text("parent_span_id", base64_of(span.parent_id));
  json.text("name", span.name);
  json.integer("start_time_unix_nano", span.start_ns);
  span.end_ns ? json.integer("end_time_unix_nano", *span.end_ns) : json.raw("end_time_unix_nano", "null");
  json.begin_array("events");
  for (const auto& event : span.events) {
    json.begin_object();
    json.text("name", event.name);
    json.integer("time_unix_nano", event.time_ns);
    write_raw_attributes(json, event.attributes);
    json.end_object();
  }
  json.end_array();
  json.begin_object("status");
  json.text("code", status_name(span.status));
  json.text("message", span.status_message);
  json.end_object();
  json.begin_object("attributes");
  for (const auto& attribute : span.attributes) json.text(attribute.key, attribute.value);
  json.end_object();
  json.begin_array("links");
  for (const auto& link : span.links) {
    json.begin_object();
    json.text("trace_id", link.trace_id.value);
    json.text("span_id", link.span_id);
    write_raw_attributes(json, link.attributes);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace slipway::mlflow
