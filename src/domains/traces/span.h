// What a span is: one timed step of a trace, as instrumented programs report it. Used by Traces and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/id.h"

namespace slipway::traces {

// "tr-" and 32 hexadecimal digits, given by the client.
using TraceId = Id<struct TraceIdTag>;

// `value` is a JSON text in the form of normal_json (json_text.h): an attribute holds whatever its program put there.
struct Attribute {
  std::string key;
  std::string value;
  bool operator==(const Attribute&) const = default;
};
using Attributes = std::vector<Attribute>;

// nullptr when there is none of that key.
const std::string* find_attribute(const Attributes& attributes, std::string_view key);
void set_attribute(Attributes& attributes, std::string_view key, std::string value);

struct SpanEvent {
  std::string name;
  int64_t time_ns = 0;
  Attributes attributes;
};

struct SpanLink {
  TraceId trace_id;
  std::string span_id;
  Attributes attributes;
};

enum class SpanStatus { kUnset, kOk, kError };
std::string_view name_of(SpanStatus status);
SpanStatus parse_span_status(std::string_view name);

struct Span {
  TraceId trace_id;
  std::string span_id;    // 16 hexadecimal digits
  std::string parent_id;  // empty for a root
  std::string name;
  SpanStatus status = SpanStatus::kUnset;
  std::string status_message;
  int64_t start_ns = 0;
  std::optional<int64_t> end_ns;
  Attributes attributes;
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;

  bool is_root() const { return parent_id.empty(); }
};

// Spans that one program reported together; `resource` says which program.
struct SpanBatch {
  Attributes resource;
  std::vector<Span> spans;
};

// Where a page of a trace's spans ended; roots come first, then by start.
struct SpanCursor {
  bool is_child = false;
  int64_t start_ns = 0;
  std::string span_id;
};
SpanCursor cursor_after(const Span& span);

// Attributes that have a meaning here.
namespace attribute {
inline constexpr std::string_view kTraceId = "mlflow.traceRequestId";
inline constexpr std::string_view kType = "mlflow.spanType";
inline constexpr std::string_view kInputs = "mlflow.spanInputs";
inline constexpr std::string_view kOutputs = "mlflow.spanOutputs";
inline constexpr std::string_view kTokens = "mlflow.chat.tokenUsage";
inline constexpr std::string_view kCost = "mlflow.llm.cost";
inline constexpr std::string_view kModel = "mlflow.llm.model";
inline constexpr std::string_view kModelProvider = "mlflow.llm.provider";
inline constexpr std::string_view kSession = "session.id";
inline constexpr std::string_view kConversation = "gen_ai.conversation.id";
inline constexpr std::string_view kUser = "user.id";
inline constexpr std::string_view kTagPrefix = "mlflow.traceTag.";
}  // namespace attribute

}  // namespace slipway::traces
