#include <cmath>
#include <functional>

#include "domains/traces/json_text.h"
#include "foundation/base/hash.h"
#include "foundation/base/json_stream.h"
#include "protocols/otlp/decode.h"
#include "protocols/otlp/span_builder.h"

namespace slipway::otlp {

namespace {

using Kind = JsonReader::Kind;

// Calls back for every member; the callback reads the value or returns false. null is as good as absent.
using OnMember = std::function<bool(const std::string& name)>;
void read_object(JsonReader& reader, const OnMember& on_member) {
  if (reader.peek() == Kind::kNull) return reader.read_null();
  reader.begin_object();
  std::string name;
  while (reader.next_member(name)) {
    if (reader.peek() == Kind::kNull || !on_member(name)) reader.skip();
  }
}

void read_array(JsonReader& reader, const std::function<void()>& on_element) {
  reader.begin_array();
  while (reader.next_element()) on_element();
}

bool is_either(const std::string& name, std::string_view camel, std::string_view snake) {
  return name == camel || name == snake;
}

std::string read_text(JsonReader& reader) { return checked_text(reader.read_string()); }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  throw malformed("an id is not hexadecimal");
}

std::string read_hex(JsonReader& reader) {
  const std::string_view digits = reader.read_string();
  if (digits.size() % 2 != 0) throw malformed("an id is not hexadecimal");
  std::string out;
  for (size_t i = 0; i < digits.size(); i += 2)
    out.push_back(static_cast<char>(digit_of(digits[i]) * 16 + digit_of(digits[i + 1])));
  return out;
}

// 64-bit integers are texts in protobuf's JSON, but numbers are taken too.
int64_t read_integer(JsonReader& reader) {
  if (reader.peek() == Kind::kString) {
    if (const auto value = text::parse_int(reader.read_string())) return *value;
    throw malformed("an integer is expected");
  }
  const JsonReader::Number number = reader.read_number();
  if (!number.is_integer) throw malformed("an integer is expected");
  return number.integer;
}

uint64_t read_time(JsonReader& reader) {
  const int64_t value = read_integer(reader);
  if (value < 0) throw unusable_span("a time is negative or beyond the year 2262");
  return static_cast<uint64_t>(value);
}

double read_double(JsonReader& reader) {
  if (reader.peek() != Kind::kString) return reader.read_number().real;
  if (const auto value = text::parse_double(reader.read_string())) return *value;
  throw malformed("a number is expected");
}

void append_value(std::string& out, JsonReader& reader, size_t depth);

void append_array(std::string& out, JsonReader& reader, size_t depth) {
  out.push_back('[');
  const size_t start = out.size();
  read_object(reader, [&](const std::string& name) {
    if (name != "values") return false;
    out.resize(start);
    read_array(reader, [&] {
      if (out.size() > start) out.append(", ");
      append_value(out, reader, depth);
    });
    return true;
  });
  out.push_back(']');
}

traces::Attribute read_pair(JsonReader& reader, size_t depth) {
  traces::Attribute out{"", "null"};
  read_object(reader, [&](const std::string& name) {
    if (name == "key") {
      out.key = read_text(reader);
    } else if (name == "value") {
      out.value.clear();
      append_value(out.value, reader, depth);
    } else {
      return false;
    }
    return true;
  });
  return out;
}

void append_object(std::string& out, JsonReader& reader, size_t depth) {
  out.push_back('{');
  const size_t start = out.size();
  read_object(reader, [&](const std::string& name) {
    if (name != "values") return false;
    out.resize(start);
    read_array(reader, [&] {
      const traces::Attribute pair = read_pair(reader, depth);
      if (out.size() > start) out.append(", ");
      traces::append_text(out, pair.key);
      out.append(": ").append(pair.value);
    });
    return true;
  });
  out.push_back('}');
}

void append_value(std::string& out, JsonReader& reader, size_t depth) {
  if (depth == 0) throw malformed("a value is nested too deeply");
  const size_t start = out.size();
  read_object(reader, [&](const std::string& name) {
    const size_t before = out.size();
    if (is_either(name, "stringValue", "string_value")) {
      append_checked_text(out, reader.read_string());
    } else if (is_either(name, "boolValue", "bool_value")) {
      out.append(reader.read_boolean() ? "true" : "false");
    } else if (is_either(name, "intValue", "int_value")) {
      append_json_number(out, read_integer(reader));
    } else if (is_either(name, "doubleValue", "double_value")) {
      append_double(out, read_double(reader));
    } else if (is_either(name, "arrayValue", "array_value")) {
      append_array(out, reader, depth - 1);
    } else if (is_either(name, "kvlistValue", "kvlist_value")) {
      append_object(out, reader, depth - 1);
    } else if (is_either(name, "bytesValue", "bytes_value")) {
      append_bytes(out, base64_decode(reader.read_string()));
    } else {
      return false;
    }
    out.erase(start, before - start);  // an alternative that came before
    return true;
  });
  if (out.size() == start) out.append("null");
}

traces::Attributes read_attributes(JsonReader& reader) {
  traces::Attributes out;
  // The reader itself stops earlier: each level of a list or object takes three of its 64.
  read_array(reader, [&] { out.push_back(read_pair(reader, traces::kMaxJsonDepth)); });
  return out;
}

traces::SpanEvent read_event(JsonReader& reader) {
  traces::SpanEvent out;
  read_object(reader, [&](const std::string& name) {
    if (is_either(name, "timeUnixNano", "time_unix_nano")) {
      out.time_ns = time_of(read_time(reader));
    } else if (name == "name") {
      out.name = read_text(reader);
    } else if (name == "attributes") {
      out.attributes = read_attributes(reader);
    } else {
      return false;
    }
    return true;
  });
  return out;
}

traces::SpanLink read_link(JsonReader& reader) {
  traces::SpanLink out;
  read_object(reader, [&](const std::string& name) {
    if (is_either(name, "traceId", "trace_id")) {
      out.trace_id = trace_id_of(read_hex(reader));
    } else if (is_either(name, "spanId", "span_id")) {
      out.span_id = span_id_of(read_hex(reader));
    } else if (name == "attributes") {
      out.attributes = read_attributes(reader);
    } else {
      return false;
    }
    return true;
  });
  return out;
}

int64_t read_status_code(JsonReader& reader) {
  if (reader.peek() != Kind::kString) return read_integer(reader);
  const std::string_view name = reader.read_string();
  if (name == "STATUS_CODE_OK") return 1;
  return name == "STATUS_CODE_ERROR" ? 2 : 0;
}

void read_status(JsonReader& reader, traces::Span& span) {
  read_object(reader, [&](const std::string& name) {
    if (name == "code") {
      span.status = status_of(read_status_code(reader));
    } else if (name == "message") {
      span.status_message = read_text(reader);
    } else {
      return false;
    }
    return true;
  });
}

bool read_span_member(JsonReader& reader, const std::string& name, traces::Span& span, std::string& trace_id,
                      std::string& span_id) {
  if (is_either(name, "traceId", "trace_id")) {
    trace_id = read_hex(reader);
  } else if (is_either(name, "spanId", "span_id")) {
    span_id = read_hex(reader);
  } else if (is_either(name, "parentSpanId", "parent_span_id")) {
    span.parent_id = parent_id_of(read_hex(reader));
  } else if (name == "name") {
    span.name = read_text(reader);
  } else if (is_either(name, "startTimeUnixNano", "start_time_unix_nano")) {
    span.start_ns = time_of(read_time(reader));
  } else if (is_either(name, "endTimeUnixNano", "end_time_unix_nano")) {
    span.end_ns = end_time_of(read_time(reader));
  } else if (name == "attributes") {
    span.attributes = read_attributes(reader);
  } else if (name == "events") {
    read_array(reader, [&] { span.events.push_back(read_event(reader)); });
  } else if (name == "links") {
    read_array(reader, [&] { span.links.push_back(read_link(reader)); });
  } else if (name == "status") {
    read_status(reader, span);
  } else {
    return false;
  }
  return true;
}

traces::Span read_span(JsonReader& reader) {
  traces::Span out;
  std::string trace_id;
  std::string span_id;
  read_object(reader, [&](const std::string& name) { return read_span_member(reader, name, out, trace_id, span_id); });
  out.trace_id = trace_id_of(trace_id);
  out.span_id = span_id_of(span_id);
  unwrap_attributes(out.attributes);
  return out;
}

traces::SpanBatch read_resource_spans(JsonReader& reader) {
  traces::SpanBatch out;
  read_object(reader, [&](const std::string& name) {
    if (name == "resource") {
      read_object(reader, [&](const std::string& member) {
        if (member != "attributes") return false;
        out.resource = read_attributes(reader);
        return true;
      });
      return true;
    }
    if (!is_either(name, "scopeSpans", "scope_spans")) return false;
    read_array(reader, [&] {
      read_object(reader, [&](const std::string& member) {
        if (member != "spans") return false;
        read_array(reader, [&] { out.spans.push_back(read_span(reader)); });
        return true;
      });
    });
    return true;
  });
  return out;
}

}  // namespace

std::vector<traces::SpanBatch> decode_json(std::string_view body) {
  std::vector<traces::SpanBatch> out;
  try {
    JsonReader reader(body);
    read_object(reader, [&](const std::string& name) {
      if (!is_either(name, "resourceSpans", "resource_spans")) return false;
      read_array(reader, [&] { out.push_back(read_resource_spans(reader)); });
      return true;
    });
    reader.finish();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument || is_unusable_span(error)) throw;
    const std::string_view why = error.what();
    if (why.starts_with("Invalid OpenTelemetry format")) throw;
    throw malformed(why);
  }
  if (out.empty()) throw malformed("no spans found");
  return out;
}

}  // namespace slipway::otlp
