// The rules that both encodings of OTLP share: ids, times, and what a value becomes. Used by the decoders.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domains/traces/span.h"
#include "foundation/base/error.h"

namespace slipway::otlp {

// A body that is no request at all, and a span that cannot be one of ours: clients are told them apart.
Error malformed(std::string_view why);
Error unusable_span(std::string_view why);
bool is_unusable_span(const Error& error);

// From the bytes of an id.
traces::TraceId trace_id_of(std::string_view bytes);
std::string span_id_of(std::string_view bytes);
// Empty for a root, which some programs write as zeros.
std::string parent_id_of(std::string_view bytes);

int64_t time_of(uint64_t nanoseconds);
// 0 means that there is no end yet.
std::optional<int64_t> end_time_of(uint64_t nanoseconds);

traces::SpanStatus status_of(int64_t code);

// Text must be UTF-8.
std::string checked_text(std::string_view text);
void append_checked_text(std::string& out, std::string_view text);
// Numbers that JSON does not have become text.
void append_double(std::string& out, double value);
void append_bytes(std::string& out, std::string_view bytes);

// Some programs write values of attributes as JSON text: those are taken for what they mean.
void unwrap_attributes(traces::Attributes& attributes);

}  // namespace slipway::otlp
