#include "adapters/mlflow_store/mover.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "foundation/base/error.h"

namespace slipway::mlflow_store {

using tracking::Arrival;
using tracking::Experiment;
using tracking::ExperimentId;
using tracking::Fate;
using tracking::LoggedModel;
using tracking::LoggedModelId;
using tracking::RunId;
using tracking::SeriesPoints;
using tracking::SeriesSummary;
using tracking::StoredRun;

namespace {

constexpr std::string_view kDefaultExperiment = "0";
constexpr std::string_view kArtifactTag = "mlflow.artifactLocation";

}  // namespace

void Mover::advance(int64_t items) { options_.on_progress(items); }

void Mover::book(Kind kind, Fate fate, size_t count) {
  TallyRow& counts = row(kind);
  const auto number = static_cast<int64_t>(count);
  (fate == Fate::kNew ? counts.moved : fate == Fate::kSame ? counts.already : counts.skipped) += number;
}

void Mover::complain(const std::string& what, const Arrival& arrival) {
  report_.add_problem(text::concat(what, " was left alone: ", arrival.difference));
}

ExperimentId Mover::experiment_of(const ExperimentId& id) const {
  const auto found = places_.find(id.value);
  return found == places_.end() ? id : ExperimentId(found->second.id);
}

// Paths begin with the number of their experiment.
std::string Mover::renumbered(const std::string& path) const {
  const size_t end = std::min(path.find('/'), path.size());
  const auto found = places_.find(path.substr(0, end));
  return found == places_.end() ? path : found->second.id + path.substr(end);
}

std::optional<std::string> Mover::target_path(const ArtifactFolder& folder) {
  const auto path = source_.portable(folder.location);
  if (!path) return std::nullopt;
  return renumbered(path->empty() ? folder.usual : *path);
}

std::string Mover::relocated(const std::string& location, const std::string& usual) {
  const auto path = target_path({location, usual});
  return path && !path->empty() ? target_.location_of(*path) : location;
}

bool Mover::is_of_content(const Error& error) {
  return error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kTooLarge ||
         error.code() == ErrorCode::kAlreadyExists || error.code() == ErrorCode::kFailedPrecondition;
}

Report Mover::run() {
  source_.count(report_.tally);
  options_.on_counted(report_.tally);
  const std::vector<Experiment> experiments = source_.experiments();
  plan_experiments(experiments);
  move_experiments(experiments);
  source_.runs([this](std::vector<StoredRun> runs) { move_runs(std::move(runs)); });
  source_.models([this](std::vector<LoggedModel> models) { move_models(std::move(models)); });
  source_.registered([this](registry::StoredModel model) { move_registered(std::move(model)); });
  source_.traces([this](std::vector<traces::StoredTrace> traces) { move_traces(std::move(traces)); });
  source_.datasets([this](std::vector<genai::StoredDataset> datasets) { move_datasets(std::move(datasets)); });
  source_.scorers([this](std::vector<genai::StoredScorer> scorers) { move_scorers(std::move(scorers)); });
  source_.issues([this](std::vector<genai::Issue> issues) { move_issues(std::move(issues)); });
  for (const auto& all : {source_.left_out(), target_.left_out()}) {
    for (const LeftOut& one : all) {
      if (one.count > 0) report_.left_out.push_back(one);
    }
  }
  return std::move(report_);
}

// Numbers are kept, for scripts and addresses hold them. An experiment whose number or name is somebody else's in the
// target cannot be kept so; what was renamed once is found again by its new name.
void Mover::plan_experiments(const std::vector<Experiment>& experiments) {
  std::vector<std::string> collisions;
  int64_t next = target_.next_experiment();
  for (const Experiment& one : experiments) next = std::max(next, text::parse_int(one.id.value).value_or(0) + 1);
  for (const Experiment& one : experiments) {
    if (one.id.value == kDefaultExperiment) continue;
    const auto by_id = target_.find_experiment(one.id);
    const auto by_name = target_.find_experiment_by_name(one.name);
    if ((by_id && by_id->name == one.name) || (!by_id && !by_name)) continue;
    if (options_.rename_prefix.empty()) {
      collisions.push_back(by_name ? text::concat("experiment ", one.id.value, " '", one.name,
                                                  "': the name is that of ", by_name->id.value)
                                   : text::concat("experiment ", one.id.value, " '", one.name, "': ", one.id.value,
                                                  " is '", by_id->name, "'"));
      continue;
    }
    Place place{"", options_.rename_prefix + one.name};
    if (const auto renamed = target_.find_experiment_by_name(place.name)) {
      place.id = renamed->id.value;
    } else {
      place.id = by_id ? std::to_string(next++) : one.id.value;
    }
    report_.notes.push_back(
        text::concat("experiment ", one.id.value, " '", one.name, "' is ", place.id, " '", place.name, "' now"));
    places_[one.id.value] = std::move(place);
  }
  if (collisions.empty()) return;
  const size_t shown = std::min<size_t>(collisions.size(), 10);
  std::string list = text::join({collisions.begin(), collisions.begin() + static_cast<ptrdiff_t>(shown)}, "; ");
  if (shown < collisions.size()) list += text::concat("; and ", collisions.size() - shown, " more");
  throw failed_precondition("nothing was moved, for these mean something else in ", target_.name(), ": ", list,
                            ". Give --rename-prefix old/ to move them under other names and numbers");
}

void Mover::move_experiments(const std::vector<Experiment>& experiments) {
  for (Experiment one : experiments) {
    const std::string what = text::concat("experiment ", one.id.value, " '", one.name, "'");
    one.artifact_location = relocated(one.artifact_location, one.id.value);
    const auto place = places_.find(one.id.value);
    if (place != places_.end()) {
      one.id = ExperimentId(place->second.id);
      one.name = place->second.name;
    }
    const Arrival arrival = target_.take(one);
    if (arrival.fate == Fate::kDifferent) complain(what, arrival);
    book(Kind::kExperiments, arrival.fate, 1);
    book(Kind::kExperimentTags, arrival.fate, one.tags.size());
    advance(1);
    if (options_.only_look || arrival.fate == Fate::kDifferent) continue;
    row(Kind::kExperiments).in_target += target_.find_experiment(one.id) ? 1 : 0;
    // The default experiment may have had tags of its own.
    row(Kind::kExperimentTags).in_target += std::min(target_.count_tags(one.id), static_cast<int64_t>(one.tags.size()));
  }
}

void Mover::book_run(Fate fate, const tracking::Run& run) {
  book(Kind::kRuns, fate, 1);
  book(Kind::kParams, fate, run.params.size());
  book(Kind::kTags, fate, run.tags.size());
  book(Kind::kDatasetInputs, fate, run.dataset_inputs.size());
  for (const tracking::DatasetInput& input : run.dataset_inputs) book(Kind::kInputTags, fate, input.tags.size());
  book(Kind::kModelLinks, fate, run.model_inputs.size() + run.model_outputs.size());
}

void Mover::move_runs(std::vector<StoredRun> runs) {
  std::vector<ArtifactFolder> folders;
  for (StoredRun& one : runs) {
    tracking::RunInfo& info = one.run.info;
    folders.push_back({info.artifact_uri, text::concat(info.experiment_id.value, "/", info.id.value, "/artifacts")});
    info.artifact_uri = relocated(info.artifact_uri, folders.back().usual);
    info.experiment_id = experiment_of(info.experiment_id);
  }
  const std::vector<Arrival> arrivals =
      take<StoredRun>(runs, [](const StoredRun& one) { return "run " + one.run.info.id.value; });
  std::vector<RunId> taken;
  for (size_t i = 0; i < runs.size(); ++i) {
    book_run(arrivals[i].fate, runs[i].run);
    if (arrivals[i].fate != Fate::kDifferent) {
      taken.push_back(runs[i].run.info.id);
    } else if (!arrivals[i].difference.empty()) {
      complain("run " + runs[i].run.info.id.value, arrivals[i]);
    }
  }
  advance(static_cast<int64_t>(runs.size()));
  move_points(taken);
  if (!options_.only_look) {
    const tracking::RunRowCounts counts = target_.count(taken);
    row(Kind::kRuns).in_target += counts.runs;
    row(Kind::kParams).in_target += counts.params;
    row(Kind::kTags).in_target += counts.tags;
    row(Kind::kMetricPoints).in_target += counts.points;
    row(Kind::kMetrics).in_target += counts.series;
    row(Kind::kDatasetInputs).in_target += counts.dataset_inputs;
    row(Kind::kInputTags).in_target += counts.input_tags;
    row(Kind::kModelLinks).in_target += counts.model_links;
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    if (arrivals[i].fate != Fate::kDifferent) move_files("run " + runs[i].run.info.id.value, folders[i]);
  }
}

// A series that both sides sum up alike is there; the others are sent point by point.
void Mover::move_points(const std::vector<RunId>& runs) {
  if (runs.empty()) return;
  std::unordered_map<std::string, SeriesSummary> known;
  for (SeriesSummary& one : target_.series_of(runs)) {
    std::string key = one.run.value + "/" + one.key;
    known.emplace(std::move(key), std::move(one));
  }
  std::unordered_set<std::string> open;
  for (const SeriesSummary& one : source_.series_of(runs)) {
    const auto found = known.find(one.run.value + "/" + one.key);
    const bool is_there = found != known.end() && found->second == one;
    book(Kind::kMetrics, found != known.end() ? Fate::kSame : Fate::kNew, 1);
    if (is_there) {
      book(Kind::kMetricPoints, Fate::kSame, static_cast<size_t>(one.points));
      advance(one.points);
    } else if (options_.only_look) {
      const int64_t there = found == known.end() ? 0 : std::min(found->second.points, one.points);
      book(Kind::kMetricPoints, Fate::kSame, static_cast<size_t>(there));
      book(Kind::kMetricPoints, Fate::kNew, static_cast<size_t>(one.points - there));
    } else {
      open.insert(one.run.value);
    }
    if (found != known.end() && found->second.points > one.points) {
      report_.add_problem(text::concat("metric '", one.key, "' of run ", one.run.value, " has ", found->second.points,
                                       " points already, more than the ", one.points, " of the source"));
    }
  }
  if (open.empty()) return;
  std::vector<RunId> wanted;
  for (const RunId& run : runs) {
    if (open.contains(run.value)) wanted.push_back(run);
  }
  source_.points(wanted, [&](const std::vector<SeriesPoints>& series) {
    int64_t points = 0;
    for (const SeriesPoints& one : series) points += static_cast<int64_t>(one.points.size());
    const int64_t added = target_.take(series);
    row(Kind::kMetricPoints).moved += added;
    row(Kind::kMetricPoints).already += points - added;
    advance(points);
  });
}

// A name that the target does not take costs that file alone.
Arrival Mover::put(const std::string& path, const ArtifactFile& file) {
  try {
    return target_.put(path, file);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument && error.code() != ErrorCode::kFailedPrecondition) throw;
    return {Fate::kDifferent, error.what()};
  }
}

void Mover::move_files(const std::string& owner, const ArtifactFolder& folder) {
  if (!options_.with_artifacts || folder.location.empty()) return;
  const auto path = target_path(folder);
  if (!path) return source_.stays(folder);
  try {
    source_.files(folder, [&](const ArtifactFile& file) {
      const Arrival arrival = put(*path + "/" + file.path, file);
      book(Kind::kArtifacts, arrival.fate, 1);
      if (arrival.fate == Fate::kDifferent) {
        complain(text::concat("artifact ", file.path, " of ", owner), arrival);
      } else if (!options_.only_look) {
        ++row(Kind::kArtifacts).in_target;
      }
      if (arrival.fate == Fate::kNew) report_.artifact_bytes += file.size_bytes;
      ++row(Kind::kArtifacts).in_source;
      advance(1);
    });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kOutOfSpace || error.code() == ErrorCode::kResourceExhausted ||
        error.code() == ErrorCode::kUnavailable)
      throw;
    report_.add_problem(text::concat("artifacts of ", owner, ": ", error.what()));
  }
}

void Mover::move_models(std::vector<LoggedModel> models) {
  std::vector<ArtifactFolder> folders;
  std::vector<LoggedModelId> taken;
  for (LoggedModel& one : models) {
    folders.push_back(
        {one.artifact_uri, text::concat(one.experiment_id.value, "/models/", one.id.value, "/artifacts")});
    one.artifact_uri = relocated(one.artifact_uri, folders.back().usual);
    one.experiment_id = experiment_of(one.experiment_id);
  }
  const std::vector<Arrival> arrivals =
      take<LoggedModel>(models, [](const LoggedModel& one) { return "logged model " + one.id.value; });
  for (size_t i = 0; i < models.size(); ++i) {
    const Fate fate = arrivals[i].fate;
    book(Kind::kLoggedModels, fate, 1);
    book(Kind::kLoggedModelParams, fate, models[i].params.size());
    book(Kind::kLoggedModelTags, fate, models[i].tags.size());
    book(Kind::kLoggedModelMetrics, fate, models[i].metrics.size());
    if (fate != Fate::kDifferent) {
      taken.push_back(models[i].id);
    } else if (!arrivals[i].difference.empty()) {
      complain("logged model " + models[i].id.value, arrivals[i]);
    }
  }
  advance(static_cast<int64_t>(models.size()));
  if (!options_.only_look) {
    const tracking::LoggedModelRowCounts counts = target_.count(taken);
    row(Kind::kLoggedModels).in_target += counts.models;
    row(Kind::kLoggedModelParams).in_target += counts.params;
    row(Kind::kLoggedModelTags).in_target += counts.tags;
    row(Kind::kLoggedModelMetrics).in_target += counts.metrics;
  }
  for (size_t i = 0; i < models.size(); ++i) {
    if (arrivals[i].fate != Fate::kDifferent) move_files("logged model " + models[i].id.value, folders[i]);
  }
}

void Mover::book_registered(Fate fate, const registry::StoredModel& model) {
  book(Kind::kRegisteredModels, fate, 1);
  book(Kind::kRegisteredModelTags, fate, model.model.tags.size());
  book(Kind::kAliases, fate, model.model.aliases.size());
  for (const registry::StoredVersion& one : model.versions) {
    if (one.deleted) continue;
    book(Kind::kVersions, fate, 1);
    book(Kind::kVersionTags, fate, one.version.tags.size());
  }
}

void Mover::move_registered(registry::StoredModel model) {
  for (registry::StoredVersion& one : model.versions) {
    // Only whole locations are rewritten; models:/ and runs:/ mean the same thing in every store.
    one.version.source = relocated(one.version.source);
    one.version.storage_location = relocated(one.version.storage_location);
  }
  const std::string what = text::concat("model '", model.model.name, "'");
  const auto attempt = [&] {
    try {
      return target_.take(model);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
      return Arrival{Fate::kDifferent, error.what()};
    }
  };
  Arrival arrival = attempt();
  if (arrival.fate == Fate::kDifferent && !options_.rename_prefix.empty()) {
    // A model's name takes no slash.
    model.model.name = text::replace_all(options_.rename_prefix, "/", "-") + model.model.name;
    report_.notes.push_back(text::concat(what, " is '", model.model.name, "' now"));
    arrival = attempt();
  }
  if (arrival.fate == Fate::kDifferent) complain(what, arrival);
  book_registered(arrival.fate, model);
  advance(static_cast<int64_t>(1 + model.versions.size()));
  if (options_.only_look || arrival.fate == Fate::kDifferent) return;
  const registry::ModelRowCounts counts = target_.count(model.model.name);
  row(Kind::kRegisteredModels).in_target += counts.models;
  row(Kind::kRegisteredModelTags).in_target += counts.tags;
  row(Kind::kAliases).in_target += counts.aliases;
  row(Kind::kVersions).in_target += counts.versions;
  row(Kind::kVersionTags).in_target += counts.version_tags;
}

void Mover::book_trace(Fate fate, const traces::StoredTrace& stored) {
  book(Kind::kTraces, fate, 1);
  book(Kind::kTraceTags, fate, stored.trace.tags.size());
  book(Kind::kTraceMetadata, fate, stored.trace.metadata.size());
  book(Kind::kSpans, fate, stored.spans.size());
  book(Kind::kAssessments, fate, stored.trace.assessments.size());
  book(Kind::kTraceLinks, fate, stored.links.size());
}

void Mover::move_traces(std::vector<traces::StoredTrace> traces) {
  std::vector<ArtifactFolder> folders;
  int64_t items = 0;
  for (traces::StoredTrace& one : traces) {
    traces::Trace& trace = one.trace;
    folders.push_back({"", text::concat(trace.experiment_id.value, "/traces/", trace.id.value, "/artifacts")});
    trace.experiment_id = experiment_of(trace.experiment_id);
    items += static_cast<int64_t>(1 + one.spans.size());
    for (traces::Tag& tag : trace.tags) {
      if (tag.key != kArtifactTag) continue;
      folders.back().location = tag.value;
      tag.value = relocated(tag.value, folders.back().usual);
    }
  }
  const std::vector<Arrival> arrivals =
      take<traces::StoredTrace>(traces, [](const traces::StoredTrace& one) { return "trace " + one.trace.id.value; });
  std::vector<traces::TraceId> taken;
  for (size_t i = 0; i < traces.size(); ++i) {
    book_trace(arrivals[i].fate, traces[i]);
    if (arrivals[i].fate != Fate::kDifferent) {
      taken.push_back(traces[i].trace.id);
    } else if (!arrivals[i].difference.empty()) {
      complain("trace " + traces[i].trace.id.value, arrivals[i]);
    }
  }
  advance(items);
  if (!options_.only_look) {
    const traces::TraceRowCounts counts = target_.count(taken);
    row(Kind::kTraces).in_target += counts.traces;
    row(Kind::kTraceTags).in_target += counts.tags;
    row(Kind::kTraceMetadata).in_target += counts.metadata;
    row(Kind::kSpans).in_target += counts.spans;
    row(Kind::kAssessments).in_target += counts.assessments;
    row(Kind::kTraceLinks).in_target += counts.links;
  }
  for (size_t i = 0; i < traces.size(); ++i) {
    if (arrivals[i].fate != Fate::kDifferent) move_files("trace " + traces[i].trace.id.value, folders[i]);
  }
}

Report move_store(Source& source, Target& target, const MoveOptions& options) {
  return Mover(source, target, options).run();
}

int64_t total_items(const Tally& tally) {
  int64_t out = 0;
  for (const Kind kind : {Kind::kExperiments, Kind::kRuns, Kind::kMetricPoints, Kind::kLoggedModels,
                          Kind::kRegisteredModels, Kind::kVersions, Kind::kTraces, Kind::kSpans,
                          Kind::kEvaluationDatasets, Kind::kEvaluationRecords, Kind::kScorers, Kind::kIssues}) {
    out += tally[kind].in_source;
  }
  return out;
}

}  // namespace slipway::mlflow_store
