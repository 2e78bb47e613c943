#include "protocols/scoring/routes.h"

#include <string>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "protocols/scoring/errors.h"
#include "protocols/scoring/json_frame.h"
#include "protocols/scoring/predictions.h"
#include "protocols/scoring/tabular_frame.h"

namespace slipway::scoring {

namespace {

using http::Request;
using http::Response;
using serving::Predictor;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kCsv = "text/csv";
constexpr std::string_view kParquet = "application/vnd.apache.parquet";

Response unsupported(std::string_view type) {
  return Response::text(415, text::concat("This predictor only supports the following content types: '", kJson, "', '",
                                          kCsv, "', '", kParquet, "'. Got '", type, "'."));
}

// The type without parameters; nothing when a parameter is not to be had (only charset=utf-8 is).
std::optional<std::string> plain_type(std::string_view header) {
  const std::vector<std::string> parts = text::split(header, ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string parameter = text::replace_all(text::lower(text::trim(parts[i])), "\"", "");
    if (!parameter.empty() && parameter != "charset=utf-8" && parameter != "charset=utf8") return std::nullopt;
  }
  return text::lower(text::trim(parts[0]));
}

serving::PredictionContext context_of(const Request& request) {
  serving::PredictionContext context;
  context.request_id = request.request_id;
  if (const auto time = request.headers.find("X-Slipway-Event-Time")) {
    context.event_time_ms = serving::parse_event_time(*time);
  }
  return context;
}

// Without a Content-Type the body is taken for JSON.
Response invocations(const Predictor& predictor, Request& request) {
  const std::string_view header = request.headers.find("Content-Type").value_or(kJson);
  const auto type = plain_type(header);
  if (!type || (*type != kJson && *type != kCsv && *type != kParquet)) return unsupported(header);
  const auto version = predictor.current();
  serving::PredictionContext context = context_of(request);
  const std::string body = request.read_body();
  try {
    JsonFrame frame;
    if (*type == kJson) {
      frame = read_json_frame(body, version->signature());
      context.prediction_ids = std::move(frame.prediction_ids);
    } else {
      frame.rows =
          *type == kCsv ? read_csv_frame(body, version->signature()) : read_parquet_frame(body, version->signature());
    }
    const tables::Table answer = predictor.predict(*version, frame.rows, std::move(context));
    return Response::json(200, write_predictions(answer, version->runtime->answer_form()));
  } catch (const ScoringError& error) {
    return render(error);
  }
}

Response ping(const Predictor& predictor) {
  return Response::json(predictor.model().find_current() == nullptr ? 404 : 200, "\n");
}

}  // namespace

std::vector<http::Route> routes(const Predictor& predictor) {
  const auto alive = [&predictor](Request&) { return ping(predictor); };
  const auto predict = [&predictor](Request& request) { return invocations(predictor, request); };
  const auto version = [](Request&) { return Response::json(200, SLIPWAY_VERSION); };
  return {
      {"POST", "/invocations", predict, "serving.read", "Predict, as MLflow's scoring server does"},
      {"GET", "/ping", alive, "public", "Whether the model can answer"},
      {"GET", "/health", alive, "public", "Whether the model can answer"},
      {"GET", "/version", version, "public", "The server's version"},
  };
}

}  // namespace slipway::scoring
