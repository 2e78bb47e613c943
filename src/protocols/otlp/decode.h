// From OTLP's ExportTraceServiceRequest to spans. Used by the handler.
#pragma once

#include <string_view>
#include <vector>

#include "domains/traces/span.h"

namespace slipway::otlp {

// Both throw invalid_argument for what is not such a request. A request without resources has no spans at all, which is
// an error too. Unknown fields are ignored.
std::vector<traces::SpanBatch> decode_protobuf(std::string_view body);
// Ids are hexadecimal here; names in lowerCamelCase or snake_case.
std::vector<traces::SpanBatch> decode_json(std::string_view body);

}  // namespace slipway::otlp
