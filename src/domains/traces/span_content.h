// What of a span is kept as one JSON text: its name, attributes, events, links and status message. Searches look into
// it (span.content, span.attributes.KEY). Used by SpanStore.
#pragma once

#include <string>
#include <string_view>

#include "domains/traces/span.h"

namespace slipway::traces {

std::string encode_content(const Span& span);
// Fills those parts of `span`. Throws data_loss when the text was not made by encode_content.
void decode_content(std::string_view content, Span& span);

}  // namespace slipway::traces
