#include "protocols/mlflow/gateway_usage.h"

#include <chrono>

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/log.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

namespace {

// Of a stream this much of the text is kept.
constexpr size_t kMaxText = size_t{256} << 10U;
constexpr int64_t kNanosPerMilli = 1'000'000;

int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

gateway::Plan without_secrets(const gateway::Plan& plan) {
  return {plan.endpoint_id, plan.endpoint_name, plan.experiment_id, {}};
}

// A body may be too deep for a trace; then it says so.
std::string attribute_of(const json::object& document) {
  return traces::try_normal_json(json::write(document)).value_or("null");
}

std::string tokens_of(const providers::Usage& usage) {
  JsonWriter json;
  json.begin_object();
  json.integer("input_tokens", usage.input.value_or(0));
  json.integer("output_tokens", usage.output.value_or(0));
  json.integer("total_tokens", usage.total.value_or(usage.input.value_or(0) + usage.output.value_or(0)));
  if (usage.cache_read) json.integer("cache_read_input_tokens", *usage.cache_read);
  if (usage.cache_creation) json.integer("cache_creation_input_tokens", *usage.cache_creation);
  json.end_object();
  return traces::normal_json(json.take());
}

std::string text_at(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

// What a piece of a stream adds to the text, in either provider's words.
std::string said_in(const json::object& event) {
  const json::value* choices = json::find(event, "choices");
  const json::value* delta = nullptr;
  if (choices != nullptr && choices->is_array() && !choices->get_array().empty() &&
      choices->get_array().front().is_object()) {
    delta = json::find(choices->get_array().front().get_object(), "delta");
  } else {
    delta = json::find(event, "delta");
  }
  if (delta == nullptr || !delta->is_object()) return "";
  const json::object& piece = delta->get_object();
  return text_at(piece, "content") + text_at(piece, "text");
}

}  // namespace

GatewayCall::GatewayCall(const Services& services, const gateway::Plan& plan, std::string_view request_type,
                         const json::object& body)
    : services_(services),
      plan_(without_secrets(plan)),
      request_type_(request_type),
      inputs_(plan.experiment_id.empty() ? "" : attribute_of(body)),
      username_(services.caller->has_account() ? services.caller->name : ""),
      start_ns_(now_ns()) {}

void GatewayCall::answered_by(const gateway::Upstream& upstream) {
  provider_ = upstream.provider;
  model_ = upstream.model_name;
}

void GatewayCall::answer(const json::object& document) {
  if (plan_.experiment_id.empty()) return;
  providers::read_usage(document, usage_);
  outputs_ = attribute_of(document);
}

void GatewayCall::event(const json::object& document) {
  if (plan_.experiment_id.empty()) return;
  providers::read_usage(document, usage_);
  if (text_.size() < kMaxText) text_.append(said_in(document));
}

void GatewayCall::finish(const std::string& error) {
  if (plan_.experiment_id.empty()) return;
  RandomIdSource ids;
  traces::Span span;
  span.trace_id = traces::TraceId("tr-" + ids.hex(32));
  span.span_id = ids.hex(16);
  span.name = "gateway/" + plan_.endpoint_name;
  span.status = error.empty() ? traces::SpanStatus::kOk : traces::SpanStatus::kError;
  span.status_message = error;
  span.start_ns = start_ns_;
  span.end_ns = now_ns();
  const auto put = [&](std::string_view key, std::string json) {
    traces::set_attribute(span.attributes, key, std::move(json));
  };
  put(traces::attribute::kTraceId, traces::json_of(span.trace_id.value));
  put(traces::attribute::kType, traces::json_of("LLM"));
  put(traces::attribute::kInputs, inputs_);
  if (outputs_.empty() && !text_.empty()) outputs_ = traces::json_of(text_);
  if (!outputs_.empty()) put(traces::attribute::kOutputs, outputs_);
  if (usage_.is_known()) put(traces::attribute::kTokens, tokens_of(usage_));
  if (!model_.empty()) put(traces::attribute::kModel, traces::json_of(model_));
  if (!provider_.empty()) put(traces::attribute::kModelProvider, traces::json_of(provider_));

  traces::Trace trace;
  trace.id = span.trace_id;
  trace.experiment_id = traces::ExperimentId(plan_.experiment_id);
  trace.request_ms = start_ns_ / kNanosPerMilli;
  trace.execution_ms = (*span.end_ns - start_ns_) / kNanosPerMilli;
  trace.state = error.empty() ? traces::kStateOk : traces::kStateError;
  trace.request_preview = inputs_;
  trace.response_preview = outputs_;
  trace.tags = {{std::string(traces::tag::kName), span.name}};
  trace.metadata = {{"mlflow.gateway.endpointId", plan_.endpoint_id}, {"mlflow.gateway.requestType", request_type_}};
  if (!username_.empty()) trace.metadata.push_back({"mlflow.auth.username", username_});
  try {
    services_.tracing.traces().put(std::move(trace));
    services_.tracing.traces().log_spans(traces::ExperimentId(plan_.experiment_id), {{{}, {std::move(span)}}});
  } catch (const std::exception& failure) {
    log::warning("the usage of an endpoint could not be recorded",
                 {{"endpoint", plan_.endpoint_name}, {"error", failure.what()}});
  }
}

}  // namespace slipway::mlflow
