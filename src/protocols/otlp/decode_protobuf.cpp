#include <protozero/pbf_reader.hpp>

#include "domains/traces/json_text.h"
#include "foundation/base/json_stream.h"
#include "protocols/otlp/decode.h"
#include "protocols/otlp/span_builder.h"

namespace slipway::otlp {

namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// The field that is to be read now; the library itself takes the kind of content for granted.
pbf_reader& checked(pbf_reader& message, pbf_wire_type wanted) {
  if (!message.has_wire_type(wanted)) throw malformed("a field has content of the wrong kind");
  return message;
}

std::string_view read_view(pbf_reader& message) {
  const protozero::data_view data = checked(message, pbf_wire_type::length_delimited).get_view();
  return {data.data(), data.size()};
}

pbf_reader read_message(pbf_reader& message) {
  return checked(message, pbf_wire_type::length_delimited).get_message();
}

void append_value(std::string& out, pbf_reader message, size_t depth);

void append_array(std::string& out, pbf_reader message, size_t depth) {
  out.push_back('[');
  for (bool first = true; message.next();) {
    if (message.tag() != 1) {
      message.skip();
      continue;
    }
    if (!first) out.append(", ");
    first = false;
    append_value(out, read_message(message), depth);
  }
  out.push_back(']');
}

// Key and value of a KeyValue; a missing value is null.
void read_pair(pbf_reader message, size_t depth, std::string& key, std::string& value) {
  key.clear();
  value = "null";
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        key = checked_text(read_view(message));
        break;
      case 2:
        value.clear();
        append_value(value, read_message(message), depth);
        break;
      default:
        message.skip();
    }
  }
}

void append_object(std::string& out, pbf_reader message, size_t depth) {
  std::string key;
  std::string value;
  out.push_back('{');
  for (bool first = true; message.next();) {
    if (message.tag() != 1) {
      message.skip();
      continue;
    }
    if (!first) out.append(", ");
    first = false;
    read_pair(read_message(message), depth, key, value);
    traces::append_text(out, key);
    out.append(": ").append(value);
  }
  out.push_back('}');
}

// An AnyValue; of several alternatives the last one counts, as everywhere in protobuf.
void append_value(std::string& out, pbf_reader message, size_t depth) {
  if (depth == 0) throw malformed("a value is nested too deeply");
  const size_t start = out.size();
  while (message.next()) {
    out.resize(start);
    switch (message.tag()) {
      case 1:
        append_checked_text(out, read_view(message));
        break;
      case 2:
        out.append(checked(message, pbf_wire_type::varint).get_bool() ? "true" : "false");
        break;
      case 3:
        append_json_number(out, checked(message, pbf_wire_type::varint).get_int64());
        break;
      case 4:
        append_double(out, checked(message, pbf_wire_type::fixed64).get_double());
        break;
      case 5:
        append_array(out, read_message(message), depth - 1);
        break;
      case 6:
        append_object(out, read_message(message), depth - 1);
        break;
      case 7:
        append_bytes(out, read_view(message));
        break;
      default:
        message.skip();
    }
  }
  if (out.size() == start) out.append("null");
}

void add_attribute(traces::Attributes& attributes, pbf_reader message) {
  traces::Attribute one;
  read_pair(message, traces::kMaxJsonDepth, one.key, one.value);
  attributes.push_back(std::move(one));
}

traces::SpanEvent read_event(pbf_reader message) {
  traces::SpanEvent out;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        out.time_ns = time_of(checked(message, pbf_wire_type::fixed64).get_fixed64());
        break;
      case 2:
        out.name = checked_text(read_view(message));
        break;
      case 3:
        add_attribute(out.attributes, read_message(message));
        break;
      default:
        message.skip();
    }
  }
  return out;
}

traces::SpanLink read_link(pbf_reader message) {
  traces::SpanLink out;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        out.trace_id = trace_id_of(read_view(message));
        break;
      case 2:
        out.span_id = span_id_of(read_view(message));
        break;
      case 4:
        add_attribute(out.attributes, read_message(message));
        break;
      default:
        message.skip();
    }
  }
  return out;
}

void read_status(pbf_reader message, traces::Span& span) {
  while (message.next()) {
    switch (message.tag()) {
      case 2:
        span.status_message = checked_text(read_view(message));
        break;
      case 3:
        span.status = status_of(checked(message, pbf_wire_type::varint).get_enum());
        break;
      default:
        message.skip();
    }
  }
}

traces::Span read_span(pbf_reader message) {
  traces::Span out;
  std::string_view trace_id;
  std::string_view span_id;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        trace_id = read_view(message);
        break;
      case 2:
        span_id = read_view(message);
        break;
      case 4:
        out.parent_id = parent_id_of(read_view(message));
        break;
      case 5:
        out.name = checked_text(read_view(message));
        break;
      case 7:
        out.start_ns = time_of(checked(message, pbf_wire_type::fixed64).get_fixed64());
        break;
      case 8:
        out.end_ns = end_time_of(checked(message, pbf_wire_type::fixed64).get_fixed64());
        break;
      case 9:
        add_attribute(out.attributes, read_message(message));
        break;
      case 11:
        out.events.push_back(read_event(read_message(message)));
        break;
      case 13:
        out.links.push_back(read_link(read_message(message)));
        break;
      case 15:
        read_status(read_message(message), out);
        break;
      default:
        message.skip();
    }
  }
  out.trace_id = trace_id_of(trace_id);
  out.span_id = span_id_of(span_id);
  unwrap_attributes(out.attributes);
  return out;
}

traces::SpanBatch read_resource_spans(pbf_reader message) {
  traces::SpanBatch out;
  while (message.next()) {
    if (message.tag() == 1) {
      pbf_reader resource = read_message(message);
      while (resource.next(1)) add_attribute(out.resource, read_message(resource));
    } else if (message.tag() == 2) {
      pbf_reader scope = read_message(message);
      while (scope.next(2)) out.spans.push_back(read_span(read_message(scope)));
    } else {
      message.skip();
    }
  }
  return out;
}

}  // namespace

std::vector<traces::SpanBatch> decode_protobuf(std::string_view body) {
  std::vector<traces::SpanBatch> out;
  try {
    pbf_reader message(body.data(), body.size());
    while (message.next(1)) out.push_back(read_resource_spans(read_message(message)));
  } catch (const protozero::exception& error) {
    throw malformed(error.what());
  }
  if (out.empty()) throw malformed("no spans found");
  return out;
}

}  // namespace slipway::otlp
