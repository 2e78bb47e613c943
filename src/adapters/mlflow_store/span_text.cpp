#include "adapters/mlflow_store/span_text.h"

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/json_stream.h"

namespace slipway::mlflow_store {

namespace {

using traces::Attributes;
using traces::Span;
using traces::SpanEvent;
using traces::SpanLink;

constexpr std::string_view kTracePrefix = "tr-";

bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// Older versions wrote hexadecimal ids, some with 0x.
std::string read_id(std::string_view text, size_t digits) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (text.size() == digits && is_hex(text)) return text::lower(text);
  const std::string raw = base64_decode(text);
  if (raw.size() * 2 != digits) throw invalid_argument("'", text, "' is no id of a span");
  return to_hex(raw);
}

std::string raw_of_hex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    out.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return out;
}

std::string base64_of(std::string_view id) { return is_hex(id) ? base64_encode(raw_of_hex(id)) : std::string(id); }

int64_t read_time(JsonReader& reader) {
  if (reader.peek() == JsonReader::Kind::kString) return text::parse_int(reader.read_string()).value_or(0);
  return reader.read_number().integer;
}

// Attributes of the span itself hold JSON inside of strings; those of events and links are plain JSON.
Attributes read_attributes(JsonReader& reader, bool encoded) {
  Attributes out;
  if (reader.peek() == JsonReader::Kind::kNull) {
    reader.read_null();
    return out;
  }
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (encoded && reader.peek() == JsonReader::Kind::kString) {
      const std::string value(reader.read_string());
      // A text that is no JSON is one as it stands.
      out.push_back({key, traces::try_normal_json(value).value_or(traces::json_of(value))});
    } else {
      out.push_back({key, traces::normal_json(reader.skip())});
    }
  }
  return out;
}

SpanEvent read_event(JsonReader& reader) {
  SpanEvent out;
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (key == "name") {
      out.name = reader.read_string();
    } else if (key == "time_unix_nano" || key == "timestamp") {
      out.time_ns = read_time(reader);
    } else if (key == "attributes") {
      out.attributes = read_attributes(reader, false);
    } else {
      reader.skip();
    }
  }
  return out;
}

SpanLink read_link(JsonReader& reader) {
  SpanLink out;
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (key == "trace_id") {
      out.trace_id = traces::TraceId(std::string(reader.read_string()));
    } else if (key == "span_id") {
      out.span_id = reader.read_string();
    } else if (key == "attributes") {
      out.attributes = read_attributes(reader, false);
    } else {
      reader.skip();
    }
  }
  return out;
}

void read_status(JsonReader& reader, Span& span) {
  if (reader.peek() == JsonReader::Kind::kString) {
    span.status = parse_status_code(reader.read_string());
    return;
  }
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    const bool is_text = reader.peek() == JsonReader::Kind::kString;
    if (key == "code" && is_text) {
      span.status = parse_status_code(reader.read_string());
    } else if (key == "message" && is_text) {
      span.status_message = reader.read_string();
    } else {
      reader.skip();
    }
  }
}

template <typename Read>
void read_list(JsonReader& reader, Read read) {
  if (reader.peek() == JsonReader::Kind::kNull) return reader.read_null();
  reader.begin_array();
  while (reader.next_element()) read(reader);
}

void read_member(JsonReader& reader, const std::string& key, Span& span) {
  const JsonReader::Kind kind = reader.peek();
  if (kind == JsonReader::Kind::kNull) return reader.read_null();
  if (key == "name") {
    span.name = reader.read_string();
  } else if (key == "span_id") {
    span.span_id = read_id(reader.read_string(), 16);
  } else if ((key == "parent_span_id" || key == "parent_id") && kind == JsonReader::Kind::kString) {
    const std::string parent(reader.read_string());
    if (!parent.empty()) span.parent_id = read_id(parent, 16);
  } else if (key == "start_time_unix_nano" || key == "start_time") {
    span.start_ns = read_time(reader);
  } else if (key == "end_time_unix_nano" || key == "end_time") {
    span.end_ns = read_time(reader);
  } else if (key == "status" || key == "status_code") {
    read_status(reader, span);
  } else if (key == "status_message" && kind == JsonReader::Kind::kString) {
    span.status_message = reader.read_string();
  } else if (key == "attributes") {
    span.attributes = read_attributes(reader, true);
  } else if (key == "events") {
    read_list(reader, [&](JsonReader& item) { span.events.push_back(read_event(item)); });
  } else if (key == "links") {
    read_list(reader, [&](JsonReader& item) { span.links.push_back(read_link(item)); });
  } else {
    reader.skip();
  }
}

void append_attributes(std::string& out, const Attributes& attributes, bool encoded) {
  append_json_member(out, "attributes");
  out.push_back('{');
  for (const traces::Attribute& one : attributes) {
    append_json_member(out, one.key);
    if (encoded) {
      append_json_string(out, one.value);
    } else {
      out.append(one.value);
    }
  }
  out.push_back('}');
}

std::string_view code_of(traces::SpanStatus status) {
  switch (status) {
    case traces::SpanStatus::kOk:
      return "STATUS_CODE_OK";
    case traces::SpanStatus::kError:
      return "STATUS_CODE_ERROR";
    default:
      return "STATUS_CODE_UNSET";
  }
}

}  // namespace

traces::SpanStatus parse_status_code(std::string_view code) {
  if (code.ends_with("OK")) return traces::SpanStatus::kOk;
  if (code.ends_with("ERROR")) return traces::SpanStatus::kError;
  return traces::SpanStatus::kUnset;
}

Span parse_span(std::string_view text, const traces::TraceId& trace) {
  Span out;
  out.trace_id = trace;
  JsonReader reader(text);
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) read_member(reader, key, out);
  reader.finish();
  if (out.span_id.empty()) throw invalid_argument("a span of trace ", trace.value, " has no id");
  return out;
}

std::string write_span(const Span& span) {
  std::string trace = span.trace_id.value;
  if (trace.starts_with(kTracePrefix)) trace = trace.substr(kTracePrefix.size());
  std::string out = "{";
  const auto member = [&](std::string_view name, const std::string& value) {
    append_json_member(out, name);
    append_json_string(out, value);
  };
  member("trace_id", base64_of(trace));
  member("span_id", base64_of(span.span_id));
  if (span.is_root()) {
    append_json_member(out, "parent_span_id");
    out.append("null");
  } else {
    member("parent_span_id", base64_of(span.parent_id));
  }
  member("name", span.name);
  append_json_member(out, "start_time_unix_nano");
  append_json_number(out, span.start_ns);
  append_json_member(out, "end_time_unix_nano");
  span.end_ns ? append_json_number(out, *span.end_ns) : void(out.append("null"));
  append_json_member(out, "events");
  out.push_back('[');
  for (const SpanEvent& event : span.events) {
    if (out.back() != '[') out.append(", ");
    out.push_back('{');
    member("name", event.name);
    append_json_member(out, "time_unix_nano");
    append_json_number(out, event.time_ns);
    append_attributes(out, event.attributes, false);
    out.push_back('}');
  }
  out.push_back(']');
  append_json_member(out, "status");
  out.append("{\"code\": \"").append(code_of(span.status)).append("\"");
  member("message", span.status_message);
  out.push_back('}');
  append_attributes(out, span.attributes, true);
  append_json_member(out, "links");
  out.push_back('[');
  for (const SpanLink& link : span.links) {
    if (out.back() != '[') out.append(", ");
    out.push_back('{');
    member("trace_id", link.trace_id.value);
    member("span_id", link.span_id);
    append_attributes(out, link.attributes, false);
    out.push_back('}');
  }
  out.append("]}");
  return out;
}

}  // namespace slipway::mlflow_store
