#include "protocols/otlp/span_builder.h"

#include <cmath>
#include <limits>

#include "domains/traces/json_text.h"
#include "foundation/base/hash.h"
#include "foundation/base/json_stream.h"

namespace slipway::otlp {

namespace {

constexpr size_t kTraceIdBytes = 16;
constexpr size_t kSpanIdBytes = 8;
constexpr std::string_view kMalformed = "Invalid OpenTelemetry format";
constexpr std::string_view kUnusable = "Cannot convert OpenTelemetry span to MLflow span";

std::string id_of(std::string_view bytes, size_t size, std::string_view what) {
  if (bytes.empty()) throw unusable_span(text::concat(what, " is missing"));
  if (bytes.size() > size) throw unusable_span(text::concat(what, " has ", bytes.size(), " bytes, not ", size));
  return std::string((size - bytes.size()) * 2, '0') + to_hex(bytes);
}

}  // namespace

Error malformed(std::string_view why) { return invalid_argument(kMalformed, ": ", why); }
Error unusable_span(std::string_view why) { return invalid_argument(kUnusable, ": ", why); }
bool is_unusable_span(const Error& error) { return std::string_view(error.what()).starts_with(kUnusable); }

traces::TraceId trace_id_of(std::string_view bytes) {
  return traces::TraceId("tr-" + id_of(bytes, kTraceIdBytes, "the trace id"));
}

std::string span_id_of(std::string_view bytes) { return id_of(bytes, kSpanIdBytes, "the span id"); }

std::string parent_id_of(std::string_view bytes) {
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return "";
  return id_of(bytes, kSpanIdBytes, "the parent's id");
}

int64_t time_of(uint64_t nanoseconds) {
  if (nanoseconds > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    throw unusable_span("a time is beyond the year 2262");
  return static_cast<int64_t>(nanoseconds);
}

std::optional<int64_t> end_time_of(uint64_t nanoseconds) {
  if (nanoseconds == 0) return std::nullopt;
  return time_of(nanoseconds);
}

traces::SpanStatus status_of(int64_t code) {
  if (code == 1) return traces::SpanStatus::kOk;
  return code == 2 ? traces::SpanStatus::kError : traces::SpanStatus::kUnset;
}

std::string checked_text(std::string_view text) {
  if (!text::is_valid_utf8(text)) throw malformed("a text is not UTF-8");
  std::string out(text);
  std::erase(out, '\0');
  return out;
}

void append_checked_text(std::string& out, std::string_view text) {
  if (!text::is_valid_utf8(text)) throw malformed("a text is not UTF-8");
  traces::append_text(out, text);
}

void append_double(std::string& out, double value) {
  if (std::isfinite(value)) return append_json_number(out, value);
  out.append(std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

void append_bytes(std::string& out, std::string_view bytes) {
  out.push_back('"');
  out.append(base64_encode(bytes));
  out.push_back('"');
}

void unwrap_attributes(traces::Attributes& attributes) {
  for (traces::Attribute& one : attributes) {
    // Looks like a string that holds a string, a list or an object: "\"...", "[...", "{...".
    if (one.value.size() < 4 || one.value.front() != '"') continue;
    const char first = one.value[1];
    if (first != '[' && first != '{' && !(first == '\\' && one.value[2] == '"')) continue;
    const auto inner = traces::text_of_json(one.value);
    if (!inner) continue;
    if (auto value = traces::try_normal_json(*inner)) one.value = *std::move(value);
  }
}

}  // namespace slipway::otlp
