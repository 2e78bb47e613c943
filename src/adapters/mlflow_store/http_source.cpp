#include "adapters/mlflow_store/http_source.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "adapters/mlflow_store/server_answers.h"
#include "adapters/mlflow_store/span_text.h"
#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/http/message.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow_store {

using tracking::ExperimentId;
using tracking::LoggedModel;
using tracking::RunId;
using tracking::SeriesPoints;
using tracking::SeriesSummary;
using tracking::StoredPoint;
using tracking::StoredRun;

namespace {

constexpr size_t kRunsAtOnce = 100;
constexpr size_t kPointsAtOnce = 50'000;
constexpr int kMaxDepth = 64;

std::vector<tracking::Param> params_of(const json::object& from) {
  std::vector<tracking::Param> out;
  for_each(from, "params", [&](const json::object& pair) {
    out.push_back({text_of(pair, "key"), text_of(pair, "value")});
  });
  return out;
}

tracking::Lifecycle lifecycle_of(const json::object& from) {
  return text_of(from, "lifecycle_stage") == "deleted" ? tracking::Lifecycle::kDeleted : tracking::Lifecycle::kActive;
}

tracking::Run run_of(const json::object& answer) {
  tracking::Run out;
  const json::object& info = part(answer, "info");
  const json::object& data = part(answer, "data");
  out.info.id = RunId(text_of(info, "run_id"));
  out.info.experiment_id = ExperimentId(text_of(info, "experiment_id"));
  out.info.name = text_of(info, "run_name");
  out.info.user_id = text_of(info, "user_id");
  out.info.status = tracking::parse_run_status(text_of(info, "status")).value_or(tracking::RunStatus::kRunning);
  out.info.start_ms = number_of(info, "start_time");
  out.info.end_ms = find_number(info, "end_time");
  // Some servers say 0 for a run that goes on.
  if (out.info.end_ms == 0) out.info.end_ms.reset();
  out.info.artifact_uri = text_of(info, "artifact_uri");
  out.info.lifecycle = lifecycle_of(info);
  out.params = params_of(data);
  out.tags = tags_of(data);
  const json::object& inputs = part(answer, "inputs");
  for_each(inputs, "dataset_inputs", [&](const json::object& input) {
    const json::object& dataset = part(input, "dataset");
    const auto optional = [&](const char* key) {
      return json::find(dataset, key) == nullptr ? std::nullopt : std::optional(text_of(dataset, key));
    };
    out.dataset_inputs.push_back(
        {{text_of(dataset, "name"), text_of(dataset, "digest"), text_of(dataset, "source_type"),
          text_of(dataset, "source"), optional("schema"), optional("profile")},
         tags_of(input)});
  });
  for_each(inputs, "model_inputs",
           [&](const json::object& model) { out.model_inputs.emplace_back(text_of(model, "model_id")); });
  for_each(part(answer, "outputs"), "model_outputs", [&](const json::object& model) {
    out.model_outputs.push_back({tracking::LoggedModelId(text_of(model, "model_id")), number_of(model, "step")});
  });
  return out;
}

LoggedModel model_of(const json::object& answer) {
  const json::object& info = part(answer, "info");
  const json::object& data = part(answer, "data");
  LoggedModel out;
  out.id = tracking::LoggedModelId(text_of(info, "model_id"));
  out.experiment_id = ExperimentId(text_of(info, "experiment_id"));
  out.name = text_of(info, "name");
  out.artifact_uri = text_of(info, "artifact_uri");
  out.created_ms = number_of(info, "creation_timestamp_ms");
  out.updated_ms = number_of(info, "last_updated_timestamp_ms");
  const std::string status = text_of(info, "status");
  out.status = status.ends_with("READY")    ? tracking::LoggedModelStatus::kReady
               : status.ends_with("FAILED") ? tracking::LoggedModelStatus::kFailed
                                            : tracking::LoggedModelStatus::kPending;
  out.status_message = text_of(info, "status_message");
  out.model_type = text_of(info, "model_type");
  out.source_run_id = text_of(info, "source_run_id");
  out.tags = tags_of(info);
  out.params = params_of(data);
  for_each(data, "metrics", [&](const json::object& given) {
    tracking::Metric metric;
    metric.key = text_of(given, "key");
    metric.value = real_of(given, "value");
    metric.time_ms = number_of(given, "timestamp");
    metric.step = number_of(given, "step");
    metric.run_id = RunId(text_of(given, "run_id"));
    metric.model_id = out.id;
    metric.dataset_name = text_of(given, "dataset_name");
    metric.dataset_digest = text_of(given, "dataset_digest");
    out.metrics.push_back(std::move(metric));
  });
  return out;
}

registry::StoredVersion version_of(const json::object& answer) {
  registry::StoredVersion out;
  registry::ModelVersion& version = out.version;
  version.name = text_of(answer, "name");
  version.version = number_of(answer, "version");
  version.description = text_of(answer, "description");
  version.source = text_of(answer, "source");
  version.storage_location = version.source;
  version.run_id = text_of(answer, "run_id");
  version.run_link = text_of(answer, "run_link");
  version.model_id = text_of(answer, "model_id");
  version.created_ms = number_of(answer, "creation_timestamp");
  version.updated_ms = number_of(answer, "last_updated_timestamp");
  try {
    version.stage = registry::parse_stage(text_of(answer, "current_stage"));
  } catch (const Error&) {
    version.stage = registry::Stage::kNone;
  }
  version.tags = tags_of(answer);
  return out;
}

class LocalFile final : public blobs::BlobReader {
 public:
  explicit LocalFile(const std::string& path) : content_(files::open_for_reading(path)), path_(path) {}
  size_t read(char* buffer, size_t capacity) override {
    const ssize_t got = ::read(content_.get(), buffer, capacity);
    if (got < 0) throw system_error("read " + path_);
    return static_cast<size_t>(got);
  }

 private:
  files::Descriptor content_;
  const std::string path_;
};

}  // namespace

HttpSource::HttpSource(mlflow::Client& client, const std::string& url)
    : client_(client), name_("MLflow server " + url) {}

void HttpSource::add(Kind kind, size_t count) {
  if (tally_ != nullptr) (*tally_)[kind].in_source += static_cast<int64_t>(count);
}

void HttpSource::count(Tally& tally) { tally_ = &tally; }

std::vector<LeftOut> HttpSource::left_out() {
  std::vector<LeftOut> out = {
      {"artifact folders that this server does not hand out; they stay and keep their addresses", staying_},
      {"traces whose spans the server did not give", without_spans_}};
  out.insert(out.end(), not_given_.begin(), not_given_.end());
  return out;
}

std::vector<tracking::Experiment> HttpSource::experiments() {
  std::vector<tracking::Experiment> out;
  pages(
      [&](const std::string& token) {
        json::object wanted = {
            {"view_type", "ALL"}, {"max_results", 1000}, {"order_by", json::array{"experiment_id ASC"}}};
        if (!token.empty()) wanted["page_token"] = token;
        return client_.post("mlflow/experiments/search", json::write(wanted));
      },
      [&](const json::object& page) {
        for_each(page, "experiments", [&](const json::object& given) {
          const int64_t created = number_of(given, "creation_time");
          out.push_back({ExperimentId(text_of(given, "experiment_id")), text_of(given, "name"),
                         text_of(given, "artifact_location"), lifecycle_of(given), created,
                         find_number(given, "last_update_time").value_or(created), tags_of(given)});
          add(Kind::kExperiments, 1);
          add(Kind::kExperimentTags, out.back().tags.size());
        });
      });
  experiments_.clear();
  active_experiments_.clear();
  for (const tracking::Experiment& one : out) {
    experiments_.push_back(one.id.value);
    if (one.lifecycle == tracking::Lifecycle::kActive) active_experiments_.push_back(one.id.value);
  }
  return out;
}

void HttpSource::runs(const std::function<void(std::vector<StoredRun>)>& on_runs) {
  for (const std::string& experiment : experiments_) {
    pages(
        [&](const std::string& token) {
          json::object wanted = {{"experiment_ids", json::array{experiment}},
                                 {"run_view_type", "ALL"},
                                 {"max_results", static_cast<int64_t>(kRunsAtOnce)}};
          if (!token.empty()) wanted["page_token"] = token;
          return client_.post("mlflow/runs/search", json::write(wanted));
        },
        [&](const json::object& page) {
          std::vector<StoredRun> batch;
          metric_keys_.clear();
          for_each(page, "runs", [&](const json::object& found) {
            // A search leaves the models of a run out.
            const std::string id = text_of(part(found, "info"), "run_id");
            const json::value document =
                json::parse_lenient(client_.get("mlflow/runs/get?run_id=" + http::percent_encode(id)));
            const json::object& whole = part(json::as_object(document, "a run"), "run");
            batch.push_back({run_of(whole), std::nullopt});
            const tracking::Run& run = batch.back().run;
            for_each(part(whole, "data"), "metrics",
                     [&](const json::object& metric) { metric_keys_[id].push_back(text_of(metric, "key")); });
            add(Kind::kRuns, 1);
            add(Kind::kParams, run.params.size());
            add(Kind::kTags, run.tags.size());
            add(Kind::kMetrics, metric_keys_[id].size());
            add(Kind::kDatasetInputs, run.dataset_inputs.size());
            for (const auto& input : run.dataset_inputs) add(Kind::kInputTags, input.tags.size());
            add(Kind::kModelLinks, run.model_inputs.size() + run.model_outputs.size());
          });
          if (!batch.empty()) on_runs(std::move(batch));
        });
  }
}

void HttpSource::scan_history(const std::string& run, const std::string& key,
                              const std::function<void(const StoredPoint&)>& on_point) {
  pages(
      [&](const std::string& token) {
        return client_.get(text::concat("mlflow/metrics/get-history?run_id=", http::percent_encode(run),
                                        "&metric_key=", http::percent_encode(key), "&max_results=25000",
                                        token.empty() ? "" : "&page_token=" + http::percent_encode(token)));
      },
      [&](const json::object& page) {
        for_each(page, "metrics", [&](const json::object& given) {
          on_point({number_of(given, "timestamp"), number_of(given, "step"),
                    tracking::stored_value(real_of(given, "value"))});
        });
      });
}

std::vector<SeriesSummary> HttpSource::series_of(const std::vector<RunId>& runs) {
  std::vector<SeriesSummary> out;
  for (const RunId& run : runs) {
    for (const std::string& key : metric_keys_[run.value]) {
      SeriesSummary sum{run, key, 0, 0, 0, 0, 0, 0, 0};
      scan_history(run.value, key, [&](const StoredPoint& point) { add_point(sum, point); });
      add(Kind::kMetricPoints, static_cast<size_t>(sum.points));
      out.push_back(std::move(sum));
    }
  }
  return out;
}

void HttpSource::points(const std::vector<RunId>& runs,
                        const std::function<void(const std::vector<SeriesPoints>&)>& on_series) {
  std::vector<SeriesPoints> batch;
  size_t held = 0;
  const auto flush = [&] {
    if (held > 0) on_series(batch);
    batch.clear();
    held = 0;
  };
  for (const RunId& run : runs) {
    for (const std::string& key : metric_keys_[run.value]) {
      batch.push_back({run, key, {}});
      scan_history(run.value, key, [&](const StoredPoint& point) {
        batch.back().points.push_back(point);
        if (++held < kPointsAtOnce) return;
        flush();
        batch.push_back({run, key, {}});
      });
    }
  }
  flush();
}

void HttpSource::models(const std::function<void(std::vector<LoggedModel>)>& on_models) {
  for (const std::string& experiment : experiments_) {
    try {
      pages(
          [&](const std::string& token) {
            json::object wanted = {{"experiment_ids", json::array{experiment}}, {"max_results", 50}};
            if (!token.empty()) wanted["page_token"] = token;
            return client_.post("mlflow/logged-models/search", json::write(wanted));
          },
          [&](const json::object& page) {
            std::vector<LoggedModel> batch;
            for_each(page, "models", [&](const json::object& given) {
              batch.push_back(model_of(given));
              add(Kind::kLoggedModels, 1);
              add(Kind::kLoggedModelParams, batch.back().params.size());
              add(Kind::kLoggedModelTags, batch.back().tags.size());
              add(Kind::kLoggedModelMetrics, batch.back().metrics.size());
            });
            if (!batch.empty()) on_models(std::move(batch));
          });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;
      return;  // MLflow 2 has none
    }
  }
}

void HttpSource::add_versions(registry::StoredModel& model, const std::string& more_filter) {
  std::string filter = "name='" + text::replace_all(model.model.name, "'", "''") + "'";
  if (!more_filter.empty()) filter += " AND " + more_filter;
  pages(
      [&](const std::string& token) {
        return client_.get(text::concat("mlflow/model-versions/search?filter=", http::percent_encode(filter),
                                        "&max_results=1000",
                                        token.empty() ? "" : "&page_token=" + http::percent_encode(token)));
      },
      [&](const json::object& page) {
        for_each(page, "model_versions", [&](const json::object& given) {
          model.versions.push_back(version_of(given));
          add(Kind::kVersions, 1);
          add(Kind::kVersionTags, model.versions.back().version.tags.size());
        });
      });
}

void HttpSource::registered(const std::function<void(registry::StoredModel)>& on_model) {
  // Prompts are models that searches only show to who asks for them.
  for (const std::string filter : {"", "tags.`mlflow.prompt.is_prompt` = 'true'"}) {
    pages(
        [&](const std::string& token) {
          return client_.get(
              text::concat("mlflow/registered-models/search?max_results=100&filter=", http::percent_encode(filter),
                           token.empty() ? "" : "&page_token=" + http::percent_encode(token)));
        },
        [&](const json::object& page) {
          for_each(page, "registered_models", [&](const json::object& given) {
            registry::StoredModel stored;
            registry::RegisteredModel& model = stored.model;
            model.name = text_of(given, "name");
            model.description = text_of(given, "description");
            model.created_ms = number_of(given, "creation_timestamp");
            model.updated_ms = number_of(given, "last_updated_timestamp");
            model.tags = tags_of(given);
            for_each(given, "aliases", [&](const json::object& alias) {
              model.aliases.push_back({text_of(alias, "alias"), number_of(alias, "version")});
            });
            add(Kind::kRegisteredModels, 1);
            add(Kind::kRegisteredModelTags, model.tags.size());
            add(Kind::kAliases, model.aliases.size());
            add_versions(stored, filter);
            on_model(std::move(stored));
          });
        });
  }
}

std::vector<traces::Span> HttpSource::spans_of(const traces::Trace& trace) {
  std::vector<traces::Span> out;
  if (!traces::has_spans_here(trace)) return out;  // they lie among its files
  try {
    const json::value document = json::parse_lenient(
        client_.get("/ajax-api/3.0/mlflow/get-trace-artifact?request_id=" + http::percent_encode(trace.id.value)));
    for_each(json::as_object(document, "a trace"), "spans",
             [&](const json::object& span) { out.push_back(parse_span(json::write(span), trace.id)); });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kUnauthenticated) throw;
    ++without_spans_;
  }
  return out;
}

void HttpSource::traces(const std::function<void(std::vector<traces::StoredTrace>)>& on_traces) {
  for (const std::string& experiment : experiments_) {
    const json::object location = {{"type", "MLFLOW_EXPERIMENT"},
                                   {"mlflow_experiment", json::object{{"experiment_id", experiment}}}};
    try {
      pages(
          [&](const std::string& token) {
            json::object wanted = {{"locations", json::array{location}}, {"max_results", 100}};
            if (!token.empty()) wanted["page_token"] = token;
            return client_.post("/api/3.0/mlflow/traces/search", json::write(wanted));
          },
          [&](const json::object& page) {
            std::vector<traces::StoredTrace> batch;
            for (const mlflow::Input& info : mlflow::Input::of(page).list("traces")) {
              traces::StoredTrace stored;
              stored.trace = mlflow::read_trace(info);
              stored.spans = spans_of(stored.trace);
              add(Kind::kTraces, 1);
              add(Kind::kTraceTags, stored.trace.tags.size());
              add(Kind::kTraceMetadata, stored.trace.metadata.size());
              add(Kind::kSpans, stored.spans.size());
              add(Kind::kAssessments, stored.trace.assessments.size());
              batch.push_back(std::move(stored));
            }
            if (!batch.empty()) on_traces(std::move(batch));
          });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;
      return;  // MLflow 2 does not know this call
    }
  }
}

std::optional<std::string> HttpSource::portable(const std::string& location) {
  if (!tracking::is_own_location(location)) return std::nullopt;
  try {
    return tracking::path_of_location(location);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void HttpSource::stays(const ArtifactFolder&) { ++staying_; }

void HttpSource::files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) {
  const std::string root = tracking::path_of_location(folder.location);
  std::vector<std::string> open = {""};
  while (!open.empty()) {
    const std::string below = std::move(open.back());
    open.pop_back();
    if (std::count(below.begin(), below.end(), '/') > kMaxDepth)
      throw invalid_argument("folders are nested over ", kMaxDepth, " deep");
    for (const mlflow::Client::ProxiedEntry& entry : client_.list_proxied(root + (below.empty() ? "" : "/" + below))) {
      const std::string path = below.empty() ? entry.name : below + "/" + entry.name;
      if (entry.is_folder) {
        open.push_back(path);
        continue;
      }
      const std::string local = downloads_.file("part");
      on_file({path, entry.size_bytes, [this, whole = root + "/" + path, local] {
                 client_.download_proxied(whole, local);
                 return std::make_unique<LocalFile>(local);
               }});
    }
  }
}

}  // namespace slipway::mlflow_store
