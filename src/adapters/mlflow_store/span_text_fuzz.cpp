// Spans and assessments as MLflow's tables hold them.
#include <cstdint>
#include <string>

#include "adapters/mlflow_store/assessment_text.h"
#include "adapters/mlflow_store/span_text.h"
#include "foundation/base/error.h"

using namespace slipway;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const traces::TraceId trace("tr-0123");
  try {
    const traces::Span span = mlflow_store::parse_span(text, trace);
    // What was read can be written, and reads back as the same thing.
    const std::string written = mlflow_store::write_span(span);
    if (mlflow_store::write_span(mlflow_store::parse_span(written, trace)) != written) __builtin_trap();
  } catch (const Error&) {
    // no span
  }
  for (const char* type : {"feedback", "issue"}) {
    try {
      traces::Assessment assessment;
      mlflow_store::read_assessment_value(type, text, assessment);
      mlflow_store::read_assessment_error(text);
      mlflow_store::read_pairs(text);
    } catch (const Error&) {
      // no assessment
    }
  }
  return 0;
}
