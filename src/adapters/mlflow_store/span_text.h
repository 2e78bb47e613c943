// Spans as MLflow writes them into its tables and into traces.json: a JSON object whose attributes are JSON texts in
// strings and whose ids are base64. Used by the sources and the target.
#pragma once

#include <string>
#include <string_view>

#include "domains/traces/span.h"

namespace slipway::mlflow_store {

// `trace` is the id of the trace it stands in. Throws invalid_argument for anything that is no span.
traces::Span parse_span(std::string_view text, const traces::TraceId& trace);
std::string write_span(const traces::Span& span);

// "STATUS_CODE_OK", "OK", 1: however a version writes it.
traces::SpanStatus parse_status_code(std::string_view code);

}  // namespace slipway::mlflow_store
