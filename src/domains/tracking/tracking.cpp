// The half of Tracking that is about runs.
#include "domains/tracking/tracking.h"

#include <set>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/input_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/logged_model_store.h"
#include "domains/tracking/metric_store.h"
#include "domains/tracking/random_name.h"
#include "domains/tracking/run_search.h"
#include "domains/tracking/run_store.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kNameTag = "mlflow.runName";
constexpr std::string_view kModelHistoryTag = "mlflow.log-model.history";
constexpr int64_t kMaxRuns = 50'000;
constexpr size_t kMaxBatchMetrics = 1000;
constexpr size_t kMaxBatchParams = 100;
constexpr size_t kMaxBatchTags = 100;
constexpr size_t kMaxBatchEntities = 1000;
constexpr size_t kMaxInputs = 1000;

void check_metric(const Metric& metric, std::string_view where) {
  check_entity_key(metric.key, text::concat(where, where.empty() ? "" : ".", "name"));
  if (metric.time_ms < 0) {
    throw invalid_argument("Invalid value ", metric.time_ms, " for parameter '", where, where.empty() ? "" : ".",
                           "timestamp' supplied: it must be a nonnegative long integer");
  }
}

std::string place(std::string_view list, size_t index) { return text::concat(list, "[", index, "]"); }

void check_count(std::string_view what, size_t count, size_t most) {
  if (count > most)
    throw invalid_argument("A batch logging request can contain at most ", most, " ", what, ". Got ", count, " ", what);
}

void check_no_duplicates(const std::vector<Param>& params) {
  std::set<std::string_view> seen;
  std::vector<std::string> twice;
  for (const Param& param : params) {
    if (!seen.insert(param.key).second) twice.push_back(text::concat("'", param.key, "'"));
  }
  if (!twice.empty())
    throw invalid_argument("Duplicate parameter keys have been submitted: [", text::join(twice, ", "), "]");
}

void check_batch(const Batch& batch) {
  check_count("metrics", batch.metrics.size(), kMaxBatchMetrics);
  check_count("params", batch.params.size(), kMaxBatchParams);
  check_count("tags", batch.tags.size(), kMaxBatchTags);
  check_count("metrics, params, and tags", batch.metrics.size() + batch.params.size() + batch.tags.size(),
              kMaxBatchEntities);
  for (size_t i = 0; i < batch.metrics.size(); ++i) check_metric(batch.metrics[i], place("metrics", i));
  for (size_t i = 0; i < batch.params.size(); ++i) check_entity_key(batch.params[i].key, place("params", i) + ".key");
  for (size_t i = 0; i < batch.tags.size(); ++i) check_entity_key(batch.tags[i].key, place("tags", i) + ".key");
  check_no_duplicates(batch.params);
}

// The name that the arguments agree on, or a made-up one.
std::string name_for(const NewRun& run, IdSource& ids) {
  for (const Tag& tag : run.tags) {
    if (tag.key != kNameTag) continue;
    if (run.name.empty() || run.name == tag.value) return tag.value;
    throw invalid_argument(
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='",
        run.name, "', mlflow.runName='", tag.value, "')");
  }
  return run.name.empty() ? random_name(ids) : run.name;
}

std::vector<Run> load_runs(sql::Transaction& transaction, const std::vector<RunRow>& rows) {
  std::vector<Run> out = RunStore(transaction).with_data(rows);
  InputStore(transaction).load(rows, out);
  return out;
}

// Only the metrics that belong to a model as well.
std::vector<Metric> model_metrics(const Batch& batch, const RunId& run) {
  std::vector<Metric> out;
  for (const Metric& metric : batch.metrics) {
    if (metric.model_id.empty()) continue;
    out.push_back(metric);
    out.back().run_id = run;
  }
  return out;
}

void check_model_description(const json::object& model) {
  std::vector<std::string> missing;
  for (const std::string_view field : {"artifact_path", "flavors", "utc_time_created", "run_id"}) {
    if (!model.contains(field)) missing.push_back(text::concat("'", field, "'"));
  }
  if (!missing.empty())
    throw invalid_argument("Model json is missing mandatory fields: {", text::join(missing, ", "), "}");
}

// Who resumes a run sends its old end along, because the stock client has to send one; but it has not ended.
RunUpdate without_old_end(RunUpdate update, const RunInfo& before) {
  const bool goes_on = update.status && !has_ended(*update.status);
  if (goes_on && update.end_ms == before.end_ms) update.end_ms.reset();
  return update;
}

}  // namespace

void Tracking::publish(std::string kind, const RunInfo& run) {
  events_.publish({std::move(kind),
                   run.id.value,
                   {{"experiment_id", run.experiment_id.value}, {"status", std::string(name_of(run.status))}},
                   clock_.now_ms()});
}

Run Tracking::create_run(const NewRun& run) {
  for (const Tag& tag : run.tags) check_entity_key(tag.key, "tags.key");
  Run out;
  out.info.id = RunId(ids_.hex(32));
  out.info.experiment_id = run.experiment_id;
  out.info.name = name_for(run, ids_);
  out.info.user_id = run.user_id;
  out.info.start_ms = run.start_ms;
  std::vector<Tag> tags = run.tags;
  tags.push_back({std::string(kNameTag), out.info.name});
  database_.write_for_answer([&](sql::Transaction& transaction) {
    const Experiment experiment = ExperimentStore(transaction).get_active(run.experiment_id);
    out.info.artifact_uri =
        text::concat(experiment.artifact_location, experiment.artifact_location.ends_with('/') ? "" : "/",
                     out.info.id.value, "/artifacts");
    RunStore runs(transaction);
    const RunRow row = {runs.insert(out.info), out.info};
    write_tags(runs, row, tags);
    out.tags = std::move(runs.with_data({row})[0].tags);
  });
  publish("run.created", out.info);
  return out;
}

Run Tracking::get_run(const RunId& id) {
  return database_.read_value<Run>([&](sql::Transaction& transaction) {
    return std::move(load_runs(transaction, {RunStore(transaction).get(id)})[0]);
  });
}

RunInfo Tracking::update_run(const RunId& id, const RunUpdate& update) {
  bool ended = false;
  RunInfo info;
  database_.write_for_answer([&](sql::Transaction& transaction) {
    RunStore runs(transaction);
    const RunRow before = runs.get_active(id);
    runs.update(before.row, without_old_end(update, before.info));
    if (update.name) runs.set_tags(before, {{std::string(kNameTag), *update.name}});
    info = runs.get(id).info;
    ended = has_ended(info.status) && !has_ended(before.info.status);
  });
  if (ended) publish("run.finished", info);
  return info;
}

void Tracking::delete_run(const RunId& id) {
  database_.write([&](sql::Transaction& transaction) {
    RunStore runs(transaction);
    runs.set_lifecycle(runs.get(id).row, Lifecycle::kDeleted, clock_.now_ms());
  });
}

void Tracking::restore_run(const RunId& id) {
  database_.write([&](sql::Transaction& transaction) {
    RunStore runs(transaction);
    runs.set_lifecycle(runs.get(id).row, Lifecycle::kActive, clock_.now_ms());
  });
}

// The run's name is kept twice, as clients do: changing the tag renames the run.
void Tracking::write_tags(RunStore& runs, const RunRow& run, const std::vector<Tag>& tags) {
  std::vector<Tag> cut;
  cut.reserve(tags.size());
  for (const Tag& tag : tags) {
    cut.push_back({tag.key, cut_tag_value(tag.value)});
    if (tag.key != kNameTag) continue;
    RunUpdate rename;
    rename.name = tag.value;
    runs.update(run.row, rename);
  }
  runs.set_tags(run, cut);
}

void Tracking::log_batch(const RunId& id, Batch batch) {
  check_batch(batch);
  for (Param& param : batch.params) param.value = cut_param_value(param.value);
  const std::vector<Metric> of_models = model_metrics(batch, id);
  database_.write_for_answer([&](sql::Transaction& transaction) {
    RunStore runs(transaction);
    const RunRow run = runs.get_active(id);
    runs.add_params(run, batch.params);
    MetricStore(transaction).add(run, batch.metrics);
    if (!of_models.empty()) LoggedModelStore(transaction).add_metrics(of_models);
    write_tags(runs, run, batch.tags);
  });
}

void Tracking::log_metric(const RunId& id, Metric metric) {
  check_metric(metric, "");
  Batch batch;
  batch.metrics.push_back(std::move(metric));
  log_batch(id, std::move(batch));
}

void Tracking::log_param(const RunId& id, const Param& param) {
  check_entity_key(param.key, "key");
  Batch batch;
  batch.params.push_back(param);
  log_batch(id, std::move(batch));
}

void Tracking::set_tag(const RunId& id, const Tag& tag) {
  check_entity_key(tag.key, "key");
  Batch batch;
  batch.tags.push_back(tag);
  log_batch(id, std::move(batch));
}

void Tracking::delete_tag(const RunId& id, const std::string& key) {
  database_.write_for_answer([&](sql::Transaction& transaction) {
    RunStore runs(transaction);
    const RunRow run = runs.get_active(id);
    if (!runs.remove_tag(run.row, key)) throw not_found("No tag with name: ", key, " in run with id ", id.value);
  });
}

void Tracking::log_inputs(const RunId& id, const std::vector<DatasetInput>& datasets,
                          const std::vector<LoggedModelId>& models) {
  check_count("inputs", datasets.size() + models.size(), kMaxInputs);
  for (const DatasetInput& input : datasets) {
    const Dataset& dataset = input.dataset;
    check_dataset(dataset.name, dataset.digest, dataset.source, dataset.schema.value_or("").size(),
                  dataset.profile.value_or("").size());
    for (const Tag& tag : input.tags) check_input_tag(tag.key, tag.value);
  }
  database_.write([&](sql::Transaction& transaction) {
    const RunRow run = RunStore(transaction).get_active(id);
    InputStore inputs(transaction);
    for (const DatasetInput& dataset : datasets) inputs.add_dataset(run, dataset);
    for (const LoggedModelId& model : models) inputs.add_model_input(run.row, model);
  });
}

std::vector<DatasetSummary> Tracking::search_datasets(const std::vector<ExperimentId>& experiments) {
  constexpr int64_t kMaxSummaries = 1000;
  sql::Values numbers;
  for (const ExperimentId& id : experiments) numbers.emplace_back(number_of(id));
  return database_.read_value<std::vector<DatasetSummary>>(
      [&](sql::Transaction& transaction) { return InputStore(transaction).summaries(numbers, kMaxSummaries); });
}

void Tracking::log_outputs(const RunId& id, const std::vector<ModelOutput>& outputs) {
  check_count("outputs", outputs.size(), kMaxInputs);
  database_.write([&](sql::Transaction& transaction) {
    const RunRow run = RunStore(transaction).get_active(id);
    InputStore inputs(transaction);
    for (const ModelOutput& output : outputs) inputs.add_model_output(run.row, output);
  });
}

void Tracking::record_model(const RunId& id, const std::string& model_json) {
  const json::value model = json::parse(model_json);
  check_model_description(json::as_object(model, "Malformed model info: model_json"));
  database_.write([&](sql::Transaction& transaction) {
    RunStore runs(transaction);
    const RunRow run = runs.get_active(id);
    const auto known = runs.find_tag(run.row, std::string(kModelHistoryTag));
    json::value history = known ? json::parse(*known) : json::value(json::array());
    history.as_array().push_back(model);
    // Not cut to the length of ordinary tags: half a JSON document would be of no use to anybody.
    runs.set_tags(run, {{std::string(kModelHistoryTag), json::write(history)}});
  });
}

Page<Run> Tracking::search_runs(const std::vector<ExperimentId>& experiments, const Search& search) {
  check_max_results(search.max_results, kMaxRuns, 0);
  const PageRequest request(search.max_results, search.page_token, Question::of("runs", experiments, search));
  RunQuestion question;
  for (const ExperimentId& id : experiments) question.experiments.emplace_back(number_of(id));
  question.visibility = search.visibility;
  question.conditions = run_conditions(database_.dialect(), parse_filter(search.filter));
  question.order_by = parse_run_order(search.order_by);
  Page<Run> page;
  database_.read([&](sql::Transaction& transaction) {
    const Page<RunRow> rows = find_runs(transaction, question, request);
    page.items = load_runs(transaction, rows.items);
    page.next = rows.next;
  });
  return page;
}

}  // namespace slipway::tracking
