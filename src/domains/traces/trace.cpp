#include "domains/traces/trace.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::traces {

const std::string* find_pair(const std::vector<Tag>& pairs, std::string_view key) {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [key](const Tag& pair) { return pair.key == key; });
  return found == pairs.end() ? nullptr : &found->value;
}

bool has_spans_here(const Trace& trace) {
  const std::string* location = find_pair(trace.tags, tag::kSpansLocation);
  return location != nullptr && *location == tag::kSpansHere;
}

int64_t expected_span_count(const Trace& trace) {
  const std::string* stats = find_pair(trace.metadata, metadata::kSizeStats);
  if (stats == nullptr) return 0;
  try {
    return json::find_int(json::as_object(json::parse(*stats), metadata::kSizeStats), "num_spans").value_or(0);
  } catch (const Error&) {
    return 0;  // the client's own text; without it nothing is expected
  }
}

}  // namespace slipway::traces
