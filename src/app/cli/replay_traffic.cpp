#include "app/cli/replay_traffic.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "app/cli/api.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/log.h"
#include "foundation/base/progress.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

constexpr size_t kLabelBatch = 2000;
constexpr int64_t kPipelinePollMs = 250;
constexpr int64_t kDeliveryMs = 30'000;

// Rows of one span of time, sent in one request.
struct Batch {
  int64_t time_ms = 0;
  std::vector<size_t> rows;
};

std::string id_of(const tables::Column& column, size_t row) { return column.display(row); }

json::value cell(const tables::Column& column, size_t row) {
  if (column.is_missing(row)) return nullptr;
  switch (column.type()) {
    case tables::ColumnType::kText:
      return std::string(column.text(row)).c_str();
    case tables::ColumnType::kDouble:
      return json::number(column.doubles()[row]);
    case tables::ColumnType::kBoolean:
      return column.integers()[row] != 0;
    default:
      return column.integers()[row];
  }
}

std::string_view datatype_of(tables::ColumnType type) {
  switch (type) {
    case tables::ColumnType::kText:
      return "BYTES";
    case tables::ColumnType::kDouble:
      return "FP64";
    case tables::ColumnType::kBoolean:
      return "BOOL";
    default:
      return "INT64";
  }
}

// The replay's own clock: recorded time that passes at the plan's speed.
class Pace {
 public:
  Pace(const ReplayPlan& plan, int64_t start_ms) : plan_(plan), moment_ms_(static_cast<double>(start_ms)) {
    if (plan.slow_for_pipelines && !plan.server_url.empty()) api_.emplace(plan.server_url, plan.authorization);
  }

  void wait_until(int64_t time_ms) {
    if (plan_.speed_ms_per_second == 0) return;
    while (true) {
      advance();
      const double ahead_ms = static_cast<double>(time_ms) - moment_ms_;
      if (ahead_ms <= 0) return;
      const double wait_ms = ahead_ms / static_cast<double>(plan_.speed_ms_per_second) * 1000;
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(std::min(wait_ms, 50.0)));
    }
  }

 private:
  void advance() {
    const int64_t now_ms = steady_ms();
    const double speed = static_cast<double>(plan_.speed_ms_per_second) * (pipeline_runs(now_ms) ? 0.1 : 1.0);
    moment_ms_ += static_cast<double>(now_ms - last_ms_) / 1000 * speed;
    last_ms_ = now_ms;
  }
  bool pipeline_runs(int64_t now_ms) {
    if (!api_ || now_ms - asked_ms_ < kPipelinePollMs) return running_;
    asked_ms_ = now_ms;
    const json::value answer = json::parse(api_->get("/api/slipway/v1/pipeline-runs?limit=5"));
    running_ = false;
    for (const json::value& run : json::get_array(answer.as_object(), "runs")) {
      const std::string state = json::get_string(run.as_object(), "state");
      running_ = running_ || state == "queued" || state == "running";
    }
    return running_;
  }

  const ReplayPlan& plan_;
  double moment_ms_;
  int64_t last_ms_ = steady_ms();
  int64_t asked_ms_ = 0;
  bool running_ = false;
  std::optional<Api> api_;
};

class Replay {
 public:
  explicit Replay(const ReplayPlan& plan) : plan_(plan), table_(tables::read_table(plan.data)) {
    id_ = &table_.get(plan_.id_column);
    if (!plan_.target.empty()) target_ = &table_.get(plan_.target);
    choose_inputs();
    make_batches();
  }

  ReplayResult run() {
    const int64_t started_ms = steady_ms();
    const int64_t first_ms = batches_.empty() ? 0 : batches_.front().time_ms;
    Pace pace(plan_, first_ms);
    Progress progress("replaying", result_.rows > 0 ? static_cast<uint64_t>(result_.rows) : 0);
    std::vector<std::thread> senders;
    for (int i = 0; i < plan_.connections; ++i) senders.emplace_back([&] { send_batches(progress); });
    try {
      for (size_t i = 0; i < batches_.size(); ++i) {
        pace.wait_until(batches_[i].time_ms);
        send_labels(batches_[i].time_ms);
        released_.store(i + 1);
        released_.notify_all();
      }
    } catch (...) {
      abandon(senders);
      throw;
    }
    for (std::thread& sender : senders) sender.join();
    send_labels(std::numeric_limits<int64_t>::max());
    result_.duration_ms = steady_ms() - started_ms;
    summarise_latency();
    return result_;
  }

 private:
  // The columns that the served model asks for.
  void choose_inputs() {
    Api serve(plan_.serve_url, plan_.serve_authorization);
    const json::value metadata = json::parse(serve.get("/v2/models/" + http::percent_encode(plan_.model)));
    for (const json::value& input : json::get_array(metadata.as_object(), "inputs")) {
      inputs_.push_back(&table_.get(json::get_string(input.as_object(), "name")));
    }
  }

  void make_batches() {
    const tables::Column& time = table_.get(plan_.time_column);
    if (time.type() != tables::ColumnType::kTime)
      throw invalid_argument("column ", plan_.time_column, " holds no times");
    std::vector<size_t> order(table_.rows());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return time.integers()[a] < time.integers()[b]; });
    for (const size_t row : order) {
      const int64_t at_ms = time.integers()[row];
      if (time.is_missing(row) || at_ms < plan_.from_ms || at_ms >= plan_.until_ms) continue;
      const int64_t span = at_ms / plan_.every_ms;
      if (batches_.empty() || batches_.back().time_ms / plan_.every_ms != span) batches_.push_back({at_ms, {}});
      batches_.back().rows.push_back(row);
      ++result_.rows;
      if (target_ != nullptr && !target_->is_missing(row)) labels_.push_back({at_ms + plan_.label_delay_ms, row});
    }
    result_.requests = static_cast<int64_t>(batches_.size());
  }

  std::string body_of(const Batch& batch) const {
    const auto count = static_cast<int64_t>(batch.rows.size());
    json::array inputs;
    for (const tables::Column* column : inputs_) {
      json::array data;
      for (const size_t row : batch.rows) data.emplace_back(cell(*column, row));
      inputs.emplace_back(json::object{{"name", column->name()},
                                       {"shape", json::array{count}},
                                       {"datatype", datatype_of(column->type())},
                                       {"data", std::move(data)}});
    }
    json::array ids;
    for (const size_t row : batch.rows) ids.emplace_back(id_of(*id_, row));
    return json::write(json::object{{"parameters", json::object{{"prediction_ids", ids}}}, {"inputs", inputs}});
  }

  void send_batches(Progress& progress) {
    const auto client = http::make_client();
    while (true) {
      const size_t mine = next_.fetch_add(1);
      if (mine >= batches_.size()) return;
      for (size_t released = released_.load(); released <= mine; released = released_.load()) released_.wait(released);
      if (abandoned_) return;
      send_one(*client, batches_[mine]);
      progress.add(batches_[mine].rows.size());
    }
  }

  void send_one(http::Client& client, const Batch& batch) {
    http::ClientRequest request;
    request.method = "POST";
    request.url = text::concat(plan_.serve_url, "/v2/models/", http::percent_encode(plan_.model), "/infer");
    request.headers.set("Content-Type", "application/json");
    if (!plan_.serve_authorization.empty()) request.headers.set("Authorization", plan_.serve_authorization);
    request.headers.set("X-Slipway-Event-Time", std::to_string(batch.time_ms));
    request.body = body_of(batch);
    const auto begun = std::chrono::steady_clock::now();
    std::string failure;
    try {
      const http::ClientResponse response = client.send(request);
      if (response.status != 200)
        failure = text::concat("status ", response.status, ": ", response.body.substr(0, 300));
    } catch (const Error& error) {
      failure = error.what();
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    const std::lock_guard lock(mutex_);
    latencies_ms_.push_back(took.count());
    if (failure.empty()) return;
    ++result_.failed_requests;
    if (result_.first_failure.empty()) result_.first_failure = failure;
  }

  // Every label that is due by that moment.
  void send_labels(int64_t now_ms) {
    if (plan_.server_url.empty() || target_ == nullptr) return;
    if (!api_) api_.emplace(plan_.server_url, plan_.authorization);
    while (label_at_ < labels_.size() && labels_[label_at_].first <= now_ms) {
      json::array ids;
      json::array labels;
      json::array times;
      for (; label_at_ < labels_.size() && labels_[label_at_].first <= now_ms && ids.size() < kLabelBatch;
           ++label_at_) {
        const auto& [arrives_ms, row] = labels_[label_at_];
        ids.emplace_back(id_of(*id_, row));
        labels.emplace_back(target_->number(row));
        times.emplace_back(arrives_ms);
      }
      result_.labels += static_cast<int64_t>(ids.size());
      api_->post(text::concat("/api/slipway/v1/models/", http::percent_encode(plan_.model), "/labels"),
                 json::write(json::object{{"prediction_ids", ids}, {"labels", labels}, {"time_ms", times}}));
    }
  }

  void abandon(std::vector<std::thread>& senders) {
    abandoned_ = true;
    released_.store(std::numeric_limits<size_t>::max());
    released_.notify_all();
    for (std::thread& sender : senders) sender.join();
  }

  void summarise_latency() {
    if (latencies_ms_.empty()) return;
    std::sort(latencies_ms_.begin(), latencies_ms_.end());
    const auto at = [&](double share) {
      return latencies_ms_[static_cast<size_t>(share * static_cast<double>(latencies_ms_.size() - 1))];
    };
    result_.latency_p50_ms = at(0.5);
    result_.latency_p99_ms = at(0.99);
  }

  const ReplayPlan& plan_;
  const tables::Table table_;
  const tables::Column* id_ = nullptr;
  const tables::Column* target_ = nullptr;
  std::vector<const tables::Column*> inputs_;
  std::vector<Batch> batches_;
  std::vector<std::pair<int64_t, size_t>> labels_;  // (arrival, row), in order of arrival
  size_t label_at_ = 0;
  std::optional<Api> api_;
  std::atomic<size_t> released_{0};  // batches whose time has come
  std::atomic<size_t> next_{0};
  std::atomic<bool> abandoned_{false};
  std::mutex mutex_;  // guards result_ and latencies_ms_ while senders run
  ReplayResult result_;
  std::vector<double> latencies_ms_;
};

// The sum of a series over its labels, in the text that Prometheus reads; nothing when it is not there.
std::optional<double> sum_of(const std::string& exposed, const std::string& series) {
  std::optional<double> sum;
  for (const std::string& line : text::split(exposed, '\n')) {
    if (!line.starts_with(series + "{")) continue;
    if (const auto value = text::parse_double(line.substr(line.rfind(' ') + 1))) sum = sum.value_or(0) + *value;
  }
  return sum;
}

// Whether all that the model server logged is with the server, or refused there; also when it keeps no log.
bool is_delivered(const std::string& exposed) {
  const auto logged = sum_of(exposed, "slipway_prediction_log_rows_total");
  return !logged || sum_of(exposed, "slipway_prediction_forward_rows_total").value_or(0) +
                            sum_of(exposed, "slipway_prediction_forward_rejected_rows_total").value_or(0) >=
                        *logged;
}

// The model server passes predictions on a moment after it answered; whoever looks at the monitor next wants them
// there.
void wait_for_delivery(const ReplayPlan& plan) {
  if (plan.server_url.empty()) return;
  Api serve(plan.serve_url, plan.serve_authorization);
  for (int64_t waited_ms = 0; waited_ms < kDeliveryMs; waited_ms += kPipelinePollMs) {
    try {
      if (is_delivered(serve.get("/metrics"))) return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound)
        log::warning("cannot ask for what is pending", {{"reason", error.what()}});
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kPipelinePollMs));
  }
  log::warning("the model server still has predictions that it has not passed on", {{"url", plan.serve_url}});
}

}  // namespace

ReplayResult replay_traffic(const ReplayPlan& plan) {
  ReplayResult result = Replay(plan).run();
  wait_for_delivery(plan);
  return result;
}

}  // namespace slipway::cli
