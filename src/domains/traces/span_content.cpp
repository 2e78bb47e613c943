#include "domains/traces/span_content.h"

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"

namespace slipway::traces {

namespace {

void append_attributes(std::string& out, const Attributes& attributes) {
  append_json_member(out, "attributes");
  out.push_back('{');
  for (const Attribute& attribute : attributes) {
    if (out.back() != '{') out.append(", ");
    append_text(out, attribute.key);
    out.append(": ").append(attribute.value);
  }
  out.push_back('}');
}

void append_event(std::string& out, const SpanEvent& event) {
  out.push_back('{');
  append_json_member(out, "name");
  append_text(out, event.name);
  append_json_member(out, "time_unix_nano");
  append_json_number(out, event.time_ns);
  append_attributes(out, event.attributes);
  out.push_back('}');
}

void append_link(std::string& out, const SpanLink& link) {
  out.push_back('{');
  append_json_member(out, "trace_id");
  append_text(out, link.trace_id.value);
  append_json_member(out, "span_id");
  append_text(out, link.span_id);
  append_attributes(out, link.attributes);
  out.push_back('}');
}

Attributes read_attributes(JsonReader& reader) {
  Attributes out;
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) out.push_back({key, std::string(reader.skip())});
  return out;
}

SpanEvent read_event(JsonReader& reader) {
  SpanEvent out;
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (key == "name") {
      out.name = reader.read_string();
    } else if (key == "time_unix_nano") {
      out.time_ns = reader.read_number().integer;
    } else if (key == "attributes") {
      out.attributes = read_attributes(reader);
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
      out.trace_id = TraceId(std::string(reader.read_string()));
    } else if (key == "span_id") {
      out.span_id = reader.read_string();
    } else if (key == "attributes") {
      out.attributes = read_attributes(reader);
    } else {
      reader.skip();
    }
  }
  return out;
}

template <typename Item, typename Append>
void append_list(std::string& out, std::string_view name, const std::vector<Item>& items, Append append) {
  if (items.empty()) return;
  append_json_member(out, name);
  out.push_back('[');
  for (const Item& item : items) {
    if (out.back() != '[') out.append(", ");
    append(out, item);
  }
  out.push_back(']');
}

void read_content(JsonReader reader, Span& span) {
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (key == "attributes") {
      span.attributes = read_attributes(reader);
    } else if (key == "events") {
      reader.begin_array();
      while (reader.next_element()) span.events.push_back(read_event(reader));
    } else if (key == "links") {
      reader.begin_array();
      while (reader.next_element()) span.links.push_back(read_link(reader));
    } else if (key == "status_message") {
      span.status_message = reader.read_string();
    } else {
      reader.skip();
    }
  }
  reader.finish();
}

}  // namespace

std::string encode_content(const Span& span) {
  size_t size = 256;
  for (const Attribute& attribute : span.attributes) size += attribute.key.size() + attribute.value.size() + 8;
  std::string out;
  out.reserve(size);
  out.push_back('{');
  append_json_member(out, "name");
  append_text(out, span.name);
  append_attributes(out, span.attributes);
  append_list(out, "events", span.events, append_event);
  append_list(out, "links", span.links, append_link);
  if (!span.status_message.empty()) {
    append_json_member(out, "status_message");
    append_text(out, span.status_message);
  }
  out.push_back('}');
  return out;
}

void decode_content(std::string_view content, Span& span) {
  try {
    read_content(JsonReader(content), span);
  } catch (const Error& error) {
    throw data_loss("the stored content of span ", span.span_id, " of trace ", span.trace_id.value,
                    " is damaged: ", error.what());
  }
}

}  // namespace slipway::traces
