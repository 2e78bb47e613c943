#include "protocols/oip/routes.h"

#include <string>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/oip/errors.h"
#include "protocols/oip/infer_request.h"
#include "protocols/oip/infer_response.h"
#include "protocols/oip/input_columns.h"
#include "protocols/oip/metadata.h"

namespace slipway::oip {

namespace {

using http::Request;
using http::Response;
using serving::Predictor;

void check_model(const Predictor& predictor, const Request& request) {
  const std::string_view name = request.parameter("model");
  if (name != predictor.model().name()) {
    throw not_found("model '", name, "' is not served here; this server has '", predictor.model().name(), "'");
  }
}

// Only some routes have a version in their path.
void check_version(const serving::ServedVersion& version, const Request& request) {
  const auto wanted = request.parameters.find("version");
  if (wanted != request.parameters.end() && wanted->second != version.version) {
    throw not_found("version '", wanted->second, "' is not served here; the version is '", version.version, "'");
  }
}

Response live(Request&) { return Response::json(200, R"({"live":true})"); }

Response ready(const Predictor& predictor) {
  if (predictor.model().find_current() != nullptr) return Response::json(200, R"({"ready":true})");
  return Response::json(503, R"({"ready":false})");
}

Response model_ready(const Predictor& predictor, const Request& request) {
  check_model(predictor, request);
  check_version(*predictor.current(), request);
  return Response::json(200, json::write(json::object{{"name", predictor.model().name()}, {"ready", true}}));
}

Response metadata(const Predictor& predictor, const Request& request) {
  check_model(predictor, request);
  if (request.parameters.contains("version")) check_version(*predictor.current(), request);
  return Response::json(200, model_metadata(predictor.model()));
}

serving::PredictionContext context_of(const Request& request, InferRequest& infer) {
  serving::PredictionContext context;
  context.request_id = infer.id.empty() ? request.request_id : infer.id;
  context.prediction_ids = std::move(infer.prediction_ids);
  if (const auto time = request.headers.find("X-Slipway-Event-Time")) {
    context.event_time_ms = serving::parse_event_time(*time);
  }
  return context;
}

Response infer(const Predictor& predictor, Request& request) {
  check_model(predictor, request);
  const auto version = predictor.current();
  check_version(*version, request);
  const std::string body = request.read_body();
  InferRequest infer_request = parse_infer_request(body, request.headers.find("Inference-Header-Content-Length"));
  const std::vector<OutputRequest> chosen = choose_outputs(infer_request, version->signature());
  const tables::Table rows = read_input_columns(version->signature(), infer_request.inputs);
  const serving::PredictionContext context = context_of(request, infer_request);
  const tables::Table outputs = predictor.predict(*version, rows, context);
  return infer_response(predictor.model().name(), version->version, context.request_id, outputs, chosen);
}

Response index(const Predictor& predictor, Request& request) {
  const std::string body = request.read_body(1 << 20);
  bool only_ready = false;
  if (!body.empty()) {
    const json::value document = json::parse(body);
    only_ready = json::find_bool(json::as_object(document, "the request"), "ready").value_or(false);
  }
  return Response::json(200, repository_index(predictor.model(), only_ready));
}

}  // namespace

std::vector<http::Route> routes(const Predictor& predictor) {
  const auto on = [&predictor](Response (*handle)(const Predictor&, const Request&)) {
    return [&predictor, handle](Request& request) { return handle(predictor, request); };
  };
  const auto with_body = [&predictor](Response (*handle)(const Predictor&, Request&)) {
    return [&predictor, handle](Request& request) { return handle(predictor, request); };
  };
  const auto server = [](Request&) { return Response::json(200, server_metadata()); };
  const auto server_ready = [&predictor](Request&) { return ready(predictor); };
  const std::string model = "/v2/models/{model}";
  const std::string version = model + "/versions/{version}";
  return {
      {"GET", "/v2", server, "serving.read", "The server's name, version and extensions"},
      {"GET", "/v2/health/live", live, "public", "Whether the server is up"},
      {"GET", "/v2/health/ready", server_ready, "public", "Whether the model can answer"},
      {"GET", model, on(metadata), "serving.read", "The model's versions, inputs, outputs and state"},
      {"GET", version, on(metadata), "serving.read", "The same, if that version is served"},
      {"GET", model + "/ready", on(model_ready), "serving.read", "Whether the model can answer"},
      {"GET", version + "/ready", on(model_ready), "serving.read", "Whether that version can answer"},
      {"POST", model + "/infer", with_body(infer), "serving.read", "Predict"},
      {"POST", version + "/infer", with_body(infer), "serving.read", "Predict with that version"},
      {"POST", "/v2/repository/index", with_body(index), "serving.read", "The models with their state"},
  };
}

}  // namespace slipway::oip
