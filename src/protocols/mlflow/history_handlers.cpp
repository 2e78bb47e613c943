// Calls that give histories of metrics: of one run, of many, and sampled for charts.
#include <algorithm>

#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

constexpr size_t kMaxRuns = 100;
constexpr int64_t kMaxBulkPoints = 25'000;
constexpr int64_t kMaxSampledPoints = 2500;
// A history without a limit is sent in pieces of so many points.
constexpr int64_t kPiecePoints = 10'000;

std::vector<tracking::RunId> run_ids(const std::vector<std::string>& ids, std::string_view call) {
  if (ids.size() > kMaxRuns) {
    throw invalid_argument(call, " run_ids. Received ", ids.size(), " run_ids.");
  }
  std::vector<tracking::RunId> out;
  for (const std::string& id : ids) out.emplace_back(id);
  return out;
}

struct HistoryRequest {
  tracking::RunId run;
  std::string key;
};

// Appends points to the open array; returns where the next ones begin.
std::optional<std::string> write_points(const Services& services, const HistoryRequest& request, int64_t most,
                                        const std::string& token, JsonWriter& json) {
  return services.tracking.read_history(request.run, request.key, most, token,
                                        [&](const tracking::Metric& metric) { write(json, "", metric); });
}

// Piece by piece, so that a history of any length takes little memory.
http::Response stream_history(const Services& services, const HistoryRequest& request, std::string first,
                              std::string token) {
  http::StreamBody body;
  body.write = [services, request, first = std::move(first), token = std::move(token)](http::BodyWriter& out) {
    out.write(first);
    std::optional<std::string> next = token;
    while (next) {
      JsonWriter json;
      json.begin_array("");
      next = write_points(services, request, kPiecePoints, *next, json);
      std::string piece = json.take();
      piece[0] = ',';  // goes on where the piece before ended
      out.write(piece);
    }
    out.write("]}");
  };
  http::Response response;
  response.headers.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

std::optional<tracking::StepRange> read_steps(const Input& input) {
  const auto first = input.find_integer("start_step");
  const auto last = input.find_integer("end_step");
  if (first.has_value() != last.has_value()) {
    throw invalid_argument("If either start step or end step are specified, both must be specified.");
  }
  if (!first) return std::nullopt;
  return tracking::StepRange{*first, *last};
}

}  // namespace

http::Response get_metric_history(const Services& services, const Input& input, http::Request& /*request*/) {
  const HistoryRequest request{tracking::RunId(required_run_id(input)), input.required_text("metric_key")};
  const auto max_results = input.find_integer("max_results");
  JsonWriter json;
  json.begin_object();
  json.begin_array("metrics");
  const auto next = write_points(services, request, max_results.value_or(kPiecePoints), input.text("page_token"), json);
  if (next && !max_results) return stream_history(services, request, json.take(), *next);
  if (json.is_empty_array()) return http::Response::json(200, std::string(kNothing));
  json.end_array();
  if (next) json.text("next_page_token", *next);
  json.end_object();
  return http::Response::json(200, json.take());
}

std::string get_metric_history_bulk(const Services& services, const Input& input) {
  const std::vector<std::string> ids = input.texts("run_id");
  if (ids.empty()) throw invalid_argument("GetMetricHistoryBulk request must specify at least one run_id.");
  const auto runs = run_ids(ids, text::concat("GetMetricHistoryBulk request cannot specify more than ", kMaxRuns));
  const auto key = input.find_text("metric_key");
  if (!key) throw invalid_argument("GetMetricHistoryBulk request must specify a metric_key.");
  const int64_t max_results = input.integer("max_results", kMaxBulkPoints);
  if (max_results < 1) throw invalid_argument("max_results must be at least 1, got ", max_results);
  JsonWriter json;
  json.begin_object();
  json.begin_array("metrics");
  services.tracking.read_histories(runs, *key, std::min(max_results, kMaxBulkPoints),
                                   [&](const tracking::Metric& metric) { write(json, "", metric); });
  json.end_array();
  json.end_object();
  return json.take();
}

std::string get_metric_history_bulk_interval(const Services& services, const Input& input) {
  const std::vector<std::string> ids = input.texts("run_ids");
  if (ids.empty()) throw invalid_argument("Missing value for required parameter 'run_ids'.");
  const auto runs = run_ids(ids, text::concat("GetMetricHistoryBulkInterval request must specify at most ", kMaxRuns));
  const std::string key = input.required_text("metric_key");
  tracking::HistorySample sample;
  sample.max_results = input.integer("max_results", kMaxSampledPoints);
  if (sample.max_results < 1 || sample.max_results > kMaxSampledPoints) {
    throw invalid_argument("max_results must be between 1 and ", kMaxSampledPoints, ".");
  }
  sample.steps = read_steps(input);
  JsonWriter json;
  json.begin_object();
  json.begin_array("metrics");
  services.tracking.sample_histories(runs, key, sample,
                                     [&](const tracking::Metric& metric) { write(json, "", metric); });
  if (json.is_empty_array()) return std::string(kNothing);
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
