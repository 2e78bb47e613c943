// MLflow's JSON for the structs of traces, both ways. Used by the handlers of traces and assessments.
#pragma once

#include <string>
#include <string_view>

#include "domains/traces/trace.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

// Like those of messages.h.
void write(JsonWriter& json, std::string_view name, const traces::Trace& trace);
void write(JsonWriter& json, std::string_view name, const traces::Assessment& assessment);
// As OTLP's JSON, with ids in base64 as protobuf writes bytes.
void write(JsonWriter& json, std::string_view name, const traces::Span& span);
// {"key": "value", ...}
void write_map(JsonWriter& json, std::string_view name, const std::vector<traces::Tag>& pairs);
// The older form of a trace: "TraceInfo".
void write_old(JsonWriter& json, std::string_view name, const traces::Trace& trace);
// As the client writes a span to the file traces.json: the values of attributes are JSON inside of texts.
void write_as_file(JsonWriter& json, std::string_view name, const traces::Span& span);

traces::Trace read_trace(const Input& info);
traces::ExperimentId read_location(const Input& location);
// Names or numbers of the older status are taken too.
std::string read_trace_state(const Input& input, std::string_view name);
traces::Assessment read_assessment(const Input& input);
traces::AssessmentUpdate read_assessment_update(const Input& input);

}  // namespace slipway::mlflow
