#include "domains/traces/span.h"

#include <algorithm>
#include <array>

namespace slipway::traces {

namespace {
constexpr std::array<std::string_view, 3> kStatusNames = {"UNSET", "OK", "ERROR"};
}  // namespace

const std::string* find_attribute(const Attributes& attributes, std::string_view key) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [key](const Attribute& attribute) { return attribute.key == key; });
  return found == attributes.end() ? nullptr : &found->value;
}

void set_attribute(Attributes& attributes, std::string_view key, std::string value) {
  for (Attribute& attribute : attributes) {
    if (attribute.key != key) continue;
    attribute.value = std::move(value);
    return;
  }
  attributes.push_back({std::string(key), std::move(value)});
}

std::string_view name_of(SpanStatus status) { return kStatusNames[static_cast<size_t>(status)]; }

SpanStatus parse_span_status(std::string_view name) {
  const auto found = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  return found == kStatusNames.end() ? SpanStatus::kUnset : static_cast<SpanStatus>(found - kStatusNames.begin());
}

SpanCursor cursor_after(const Span& span) { return {!span.is_root(), span.start_ns, span.span_id}; }

}  // namespace slipway::traces
