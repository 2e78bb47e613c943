#include "adapters/mlflow_store/file_source.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "foundation/base/error.h"

namespace slipway::mlflow_store {

using tracking::ExperimentId;
using tracking::LoggedModel;
using tracking::RunId;
using tracking::SeriesPoints;
using tracking::SeriesSummary;
using tracking::StoredPoint;
using tracking::StoredRun;

namespace {

constexpr size_t kRunsAtOnce = 200;
constexpr size_t kPointsAtOnce = 50'000;
constexpr size_t kNear = 1000;
constexpr size_t kTracesAtOnce = 50;
constexpr std::string_view kNotRuns[] = {"tags", "datasets", "traces", "models", ".trash"};

std::string absolute(const std::string& path) {
  std::string out = std::filesystem::absolute(std::filesystem::path(path)).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

std::string checked_folder(const std::string& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure)) throw not_found("there is no folder ", folder);
  return absolute(folder);
}

}  // namespace

FileSource::FileSource(const std::string& folder, const std::vector<std::string>& artifact_folders)
    : tree_(checked_folder(folder)),
      name_("MLflow file store " + folder),
      // Relative locations ("./mlruns/0") begin where the store's folder lies.
      places_(std::filesystem::path(absolute(folder)).parent_path().string(), absolute(folder), artifact_folders) {
  if (experiment_folders().empty())
    throw invalid_argument(folder, " is no MLflow file store: no folder in it has a number and a meta.yaml");
}

void FileSource::complain(const Error& error) {
  if (error.code() != ErrorCode::kInvalidArgument) throw error;
  ++unreadable_count_;
  if (unreadable_.size() < 20) unreadable_.emplace_back(error.what());
}

template <typename T>
std::optional<T> FileSource::readable(const std::function<T()>& read) {
  try {
    return read();
  } catch (const Error& error) {
    complain(error);
    return std::nullopt;
  }
}

std::vector<FileSource::Folder> FileSource::experiment_folders() const {
  std::vector<Folder> out;
  for (const std::string& above : {std::string(), std::string(".trash/")}) {
    for (const std::string& name : tree_.folders(above)) {
      if (text::parse_int(name) && tree_.has_file(above + name + "/meta.yaml")) out.push_back({above + name, name});
    }
  }
  return out;
}

void FileSource::for_each_folder(const std::string& folder, const std::string& file,
                                 const std::function<void(const Folder&)>& on_folder) const {
  for (const std::string& name : tree_.folders(folder)) {
    const Folder one{folder + "/" + name, name};
    if (tree_.has_file(one.path + "/" + file)) on_folder(one);
  }
}

void FileSource::for_each_run(const Folder& experiment, const std::function<void(const Folder&)>& on_folder) const {
  for_each_folder(experiment.path, "meta.yaml", [&](const Folder& folder) {
    if (std::find(std::begin(kNotRuns), std::end(kNotRuns), folder.id) == std::end(kNotRuns)) on_folder(folder);
  });
}

void FileSource::scan_metric(const std::string& path, const std::function<void(const MetricLine&)>& on_line) {
  std::set<std::string> near;
  tree_.lines(path, [&](std::string_view line) {
    const auto parsed = parse_metric_line(line);
    if (!parsed) return;
    if (near.size() == kNear) near.clear();
    if (near.insert(std::string(line)).second) on_line(*parsed);
  });
}

// Everything is looked at once more, apart from the moving.
void FileSource::count(Tally& tally) {
  const auto add = [&](Kind kind, size_t count) { tally[kind].in_source += static_cast<int64_t>(count); };
  for (const Folder& experiment : experiment_folders()) {
    const auto read = readable<tracking::Experiment>([&] { return read_experiment(experiment); });
    if (!read) continue;
    add(Kind::kExperiments, 1);
    add(Kind::kExperimentTags, read->tags.size());
    for_each_run(experiment, [&](const Folder& folder) {
      const auto stored = readable<StoredRun>([&] { return read_run(experiment, folder); });
      if (!stored) return;
      const tracking::Run& run = stored->run;
      add(Kind::kRuns, 1);
      add(Kind::kParams, run.params.size());
      add(Kind::kTags, run.tags.size());
      add(Kind::kDatasetInputs, run.dataset_inputs.size());
      for (const auto& input : run.dataset_inputs) add(Kind::kInputTags, input.tags.size());
      add(Kind::kModelLinks, run.model_inputs.size() + run.model_outputs.size());
      for (const std::string& key : tree_.files(folder.path + "/metrics")) {
        size_t points = 0;
        scan_metric(folder.path + "/metrics/" + key, [&](const MetricLine&) { ++points; });
        add(Kind::kMetricPoints, points);
        add(Kind::kMetrics, points > 0 ? 1 : 0);
      }
    });
  }
  models([&](const std::vector<LoggedModel>& models) {
    add(Kind::kLoggedModels, models.size());
    for (const LoggedModel& model : models) {
      add(Kind::kLoggedModelParams, model.params.size());
      add(Kind::kLoggedModelTags, model.tags.size());
      add(Kind::kLoggedModelMetrics, model.metrics.size());
    }
  });
  registered([&](const registry::StoredModel& model) {
    const registry::ModelRowCounts counts = registry::count_rows(model);
    add(Kind::kRegisteredModels, 1);
    tally[Kind::kRegisteredModelTags].in_source += counts.tags;
    tally[Kind::kAliases].in_source += counts.aliases;
    tally[Kind::kVersions].in_source += counts.versions;
    tally[Kind::kVersionTags].in_source += counts.version_tags;
  });
  traces([&](const std::vector<traces::StoredTrace>& traces) {
    add(Kind::kTraces, traces.size());
    for (const traces::StoredTrace& one : traces) {
      add(Kind::kTraceTags, one.trace.tags.size());
      add(Kind::kTraceMetadata, one.trace.metadata.size());
      add(Kind::kAssessments, one.trace.assessments.size());
    }
  });
  // What is not readable now is told when it is moved.
  unreadable_count_ = 0;
  unreadable_.clear();
}

std::vector<LeftOut> FileSource::left_out() {
  std::vector<LeftOut> out = places_.left_out();
  std::string first;
  for (const std::string& one : unreadable_) first += (first.empty() ? ": " : "; ") + one;
  out.push_back({"folders that could not be read" + first, unreadable_count_});
  return out;
}

std::vector<tracking::Experiment> FileSource::experiments() {
  std::vector<tracking::Experiment> out;
  for (const Folder& folder : experiment_folders()) {
    if (auto read = readable<tracking::Experiment>([&] { return read_experiment(folder); }))
      out.push_back(*std::move(read));
  }
  places_.learn(out);
  return out;
}

void FileSource::runs(const std::function<void(std::vector<StoredRun>)>& on_runs) {
  std::vector<StoredRun> batch;
  std::map<std::string, std::string> folders;
  const auto flush = [&] {
    if (batch.empty()) return;
    run_folders_ = std::move(folders);
    on_runs(std::move(batch));
    batch.clear();
    folders.clear();
  };
  for (const Folder& experiment : experiment_folders()) {
    for_each_run(experiment, [&](const Folder& folder) {
      auto stored = readable<StoredRun>([&] { return read_run(experiment, folder); });
      if (!stored) return;
      folders[stored->run.info.id.value] = folder.path;
      batch.push_back(*std::move(stored));
      if (batch.size() >= kRunsAtOnce) flush();
    });
  }
  flush();
}

std::vector<SeriesSummary> FileSource::series_of(const std::vector<RunId>& runs) {
  std::vector<SeriesSummary> out;
  for (const RunId& run : runs) {
    const std::string folder = run_folders_.at(run.value) + "/metrics";
    for (const std::string& key : tree_.files(folder)) {
      SeriesSummary sum{run, key, 0, 0, 0, 0, 0, 0, 0};
      scan_metric(folder + "/" + key, [&](const MetricLine& line) { add_point(sum, line.point); });
      if (sum.points > 0) out.push_back(std::move(sum));
    }
  }
  return out;
}

void FileSource::points(const std::vector<RunId>& runs,
                        const std::function<void(const std::vector<SeriesPoints>&)>& on_series) {
  std::vector<SeriesPoints> batch;
  size_t held = 0;
  const auto flush = [&] {
    if (held > 0) on_series(batch);
    batch.clear();
    held = 0;
  };
  for (const RunId& run : runs) {
    const std::string folder = run_folders_.at(run.value) + "/metrics";
    for (const std::string& key : tree_.files(folder)) {
      batch.push_back({run, key, {}});
      scan_metric(folder + "/" + key, [&](const MetricLine& line) {
        batch.back().points.push_back(line.point);
        if (++held < kPointsAtOnce) return;
        flush();
        batch.push_back({run, key, {}});
      });
    }
  }
  flush();
}

void FileSource::models(const std::function<void(std::vector<LoggedModel>)>& on_models) {
  for (const Folder& experiment : experiment_folders()) {
    std::vector<LoggedModel> batch;
    for_each_folder(experiment.path + "/models", "meta.yaml", [&](const Folder& folder) {
      auto model = readable<LoggedModel>([&] { return read_model(experiment, folder); });
      if (model) batch.push_back(*std::move(model));
    });
    if (!batch.empty()) on_models(std::move(batch));
  }
}

void FileSource::registered(const std::function<void(registry::StoredModel)>& on_model) {
  for_each_folder("models", "meta.yaml", [&](const Folder& folder) {
    auto model = readable<registry::StoredModel>([&] { return read_registered(folder); });
    if (model) on_model(*std::move(model));
  });
}

void FileSource::traces(const std::function<void(std::vector<traces::StoredTrace>)>& on_traces) {
  std::vector<traces::StoredTrace> batch;
  for (const Folder& experiment : experiment_folders()) {
    for_each_folder(experiment.path + "/traces", "trace_info.yaml", [&](const Folder& folder) {
      auto trace = readable<traces::StoredTrace>([&] { return read_trace(experiment, folder); });
      if (trace) batch.push_back(*std::move(trace));
      if (batch.size() < kTracesAtOnce) return;
      on_traces(std::move(batch));
      batch.clear();
    });
  }
  if (!batch.empty()) on_traces(std::move(batch));
}

}  // namespace slipway::mlflow_store
