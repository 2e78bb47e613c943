// What other tracing libraries call their attributes, as ours: the type of a span, its inputs and outputs, tokens,
// model and provider. Applied once when spans arrive; what is there already under our name stays. Used by Traces.
#pragma once

#include "domains/traces/span.h"

namespace slipway::traces {

void translate_attributes(Span& span);

}  // namespace slipway::traces
