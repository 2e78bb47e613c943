#include "protocols/slipway/metric_routes.h"

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/identity/caller.h"
#include "protocols/slipway/query.h"

namespace slipway::protocol {

namespace {

using tracking::Axis;
using tracking::MetricBucket;

constexpr size_t kMaxRuns = 100;

tracking::BucketQuery bucket_query(const http::Request& request) {
  tracking::BucketQuery out;
  const std::string_view axis = request.find_query("axis").value_or("step");
  if (axis != "step" && axis != "time") throw invalid_argument("'axis' must be step or time, got '", axis, "'");
  out.axis = axis == "step" ? Axis::kStep : Axis::kTime;
  out.buckets = query_int(request, "buckets", out.buckets);
  out.first = find_query_int(request, "from");
  out.last = find_query_int(request, "to");
  return out;
}

json::object encode(std::string_view run, const std::vector<MetricBucket>& buckets) {
  json::array first, last, count, finite, lowest, highest, mean;
  for (const MetricBucket& bucket : buckets) {
    const auto number = [&](double value) { return bucket.finite > 0 ? json::value(value) : json::value(nullptr); };
    first.emplace_back(bucket.range.first);
    last.emplace_back(bucket.range.last);
    count.emplace_back(bucket.count);
    finite.emplace_back(bucket.finite);
    lowest.push_back(number(bucket.lowest));
    highest.push_back(number(bucket.highest));
    mean.push_back(number(bucket.mean));
  }
  return {{"run_id", run},
          {"first", std::move(first)},
          {"last", std::move(last)},
          {"count", std::move(count)},
          {"finite", std::move(finite)},
          {"lowest", std::move(lowest)},
          {"highest", std::move(highest)},
          {"mean", std::move(mean)}};
}

http::Response metric_buckets(tracking::Tracking& tracking, identity::Permissions& permissions,
                              const http::Request& request) {
  const std::string_view key = request.find_query("key").value_or("");
  if (key.empty()) throw invalid_argument("'key' is missing: it names the metric");
  const std::vector<std::string_view> runs = request.all_query("run_id");
  if (runs.empty()) throw invalid_argument("'run_id' is missing; it may be given up to ", kMaxRuns, " times");
  if (runs.size() > kMaxRuns) throw invalid_argument("at most ", kMaxRuns, " runs at once, got ", runs.size());
  const tracking::BucketQuery query = bucket_query(request);
  std::vector<tracking::RunId> ids;
  for (const std::string_view run : runs) ids.emplace_back(std::string(run));
  // Before anything is told, also that a run does not exist.
  for (const tracking::ExperimentId& experiment : tracking.experiments_of(ids)) {
    permissions.require(identity::caller_of(request), {identity::ResourceKind::kExperiment, experiment.value},
                        identity::Permission::kRead);
  }
  json::array out;
  for (const tracking::RunId& id : ids) {
    out.emplace_back(encode(id.value, tracking.metric_buckets(id, std::string(key), query)));
  }
  const json::object answer{{"key", key}, {"axis", query.axis == Axis::kStep ? "step" : "time"}, {"runs", out}};
  return http::Response::json(200, json::write(answer));
}

}  // namespace

std::vector<http::Route> metric_routes(tracking::Tracking& tracking, identity::Permissions& permissions) {
  return {{"GET", "/api/slipway/v1/metrics/buckets",
           [&](http::Request& request) { return metric_buckets(tracking, permissions, request); }, "tracking.read",
           "The lowest, highest and mean value in each stretch of a metric's history"}};
}

}  // namespace slipway::protocol
