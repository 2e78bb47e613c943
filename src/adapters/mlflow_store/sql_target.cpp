#include "adapters/mlflow_store/sql_target.h"

#include "adapters/mlflow_store/settle.h"
#include "adapters/mlflow_store/slipway_store.h"
#include "adapters/mlflow_store/sql_writer.h"
#include "domains/tracking/difference.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

using tracking::Arrival;
using tracking::Fate;

namespace {

constexpr std::string_view kDefaultExperiment = "0";

template <typename Id>
sql::Values values_of(const std::vector<Id>& ids) {
  sql::Values out;
  for (const Id& id : ids) out.emplace_back(id.value);
  return out;
}

int64_t sum_over(sql::Transaction& transaction, std::string_view table, const std::string& column,
                 const sql::Values& ids, std::string_view tail = "") {
  int64_t out = 0;
  tracking::query_in(transaction, text::concat("SELECT count(*) FROM ", table), column, ids, tail,
                     [&](const sql::Row& row) { out += row.get_int(0); });
  return out;
}

std::optional<tracking::Experiment> find_in(sql::Transaction& transaction, const SqlSchema& schema,
                                            const std::function<bool(const tracking::Experiment&)>& is_wanted) {
  for (tracking::Experiment& one : SqlReader(transaction, schema).experiments()) {
    if (is_wanted(one)) return std::move(one);
  }
  return std::nullopt;
}

}  // namespace

SqlTarget::SqlTarget(sql::Database& database, blobs::BlobStore& blobs, SqlTargetOptions options)
    : database_(database), blobs_(blobs), options_(std::move(options)) {
  database_.read([&](sql::Transaction& transaction) {
    schema_ = std::make_unique<SqlSchema>(transaction);
    SqlWriter(transaction, *schema_).check_columns();
  });
  name_ = text::concat(options_.name, " (", schema_->description(), ")");
}

void SqlTarget::run(const std::function<void(sql::Transaction&)>& work) {
  options_.only_look ? database_.read(work) : database_.write(work);
}

std::optional<tracking::Experiment> SqlTarget::find_experiment(const tracking::ExperimentId& id) {
  using Found = std::optional<tracking::Experiment>;
  return database_.read_value<Found>([&](sql::Transaction& transaction) {
    return find_in(transaction, *schema_, [&](const tracking::Experiment& one) { return one.id == id; });
  });
}

std::optional<tracking::Experiment> SqlTarget::find_experiment_by_name(const std::string& name) {
  using Found = std::optional<tracking::Experiment>;
  return database_.read_value<Found>([&](sql::Transaction& transaction) {
    return find_in(transaction, *schema_, [&](const tracking::Experiment& one) { return one.name == name; });
  });
}

int64_t SqlTarget::next_experiment() {
  return database_.read_value<int64_t>([](sql::Transaction& transaction) {
    return transaction.query_int("SELECT coalesce(max(experiment_id), 0) + 1 FROM experiments").value_or(1);
  });
}

Arrival SqlTarget::take(const tracking::Experiment& experiment) {
  Arrival out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    const auto known = find_in(transaction, *schema_, [&](const auto& one) { return one.id == experiment.id; });
    out = {};
    if (!known) {
      if (!options_.only_look) writer.insert(experiment);
      return;
    }
    if (experiment.id.value != kDefaultExperiment) {
      out = tracking::arrival_of(tracking::difference(*known, experiment));
      return;
    }
    out.fate = Fate::kSame;
    for (const tracking::Tag& tag : experiment.tags) {
      const auto same = [&](const tracking::Tag& one) { return one.key == tag.key; };
      const auto found = std::find_if(known->tags.begin(), known->tags.end(), same);
      if (found == known->tags.end()) {
        if (!options_.only_look) writer.insert_tag(experiment.id, tag);
      } else if (found->value != tag.value) {
        out = tracking::arrival_of(
            tracking::text_difference(text::concat("tag '", tag.key, "'"), found->value, tag.value));
      }
    }
  });
  return out;
}

std::vector<Arrival> SqlTarget::take(const std::vector<tracking::StoredRun>& runs) {
  sql::Values ids;
  for (const tracking::StoredRun& one : runs) ids.emplace_back(one.run.info.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    out = settle<tracking::StoredRun>(
        runs, SqlReader(transaction, *schema_).runs(ids), [](const auto& one) { return one.run.info.id.value; },
        [&](const tracking::StoredRun& one) {
          if (!options_.only_look) writer.insert(one);
        });
  });
  return out;
}

std::vector<tracking::SeriesSummary> SqlTarget::series_of(const std::vector<tracking::RunId>& runs) {
  return database_.read_value<std::vector<tracking::SeriesSummary>>(
      [&](sql::Transaction& transaction) { return SqlReader(transaction, *schema_).series_of(values_of(runs)); });
}

int64_t SqlTarget::take(const std::vector<tracking::SeriesPoints>& series) {
  int64_t added = 0;
  run([&](sql::Transaction& transaction) {
    added = 0;
    SqlWriter writer(transaction, *schema_);
    for (const tracking::SeriesPoints& one : series) added += writer.insert(one);
  });
  return added;
}

std::vector<Arrival> SqlTarget::take(const std::vector<tracking::LoggedModel>& models) {
  sql::Values ids;
  for (const tracking::LoggedModel& one : models) ids.emplace_back(one.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    out = settle<tracking::LoggedModel>(
        models, SqlReader(transaction, *schema_).models(ids), [](const auto& one) { return one.id.value; },
        [&](const tracking::LoggedModel& one) {
          if (!options_.only_look) writer.insert(one);
        });
  });
  return out;
}

Arrival SqlTarget::take(const registry::StoredModel& model) {
  Arrival out;
  for (const registry::StoredVersion& one : model.versions) {
    const registry::ModelVersion& version = one.version;
    // MLflow knows the logged model of a version by its source alone.
    if (!one.deleted && !version.model_id.empty() && version.source != "models:/" + version.model_id) ++lost_model_ids_;
  }
  run([&](sql::Transaction& transaction) {
    const auto known = SqlReader(transaction, *schema_).registered(model.model.name);
    out = known ? tracking::arrival_of(registry::difference(*known, model)) : Arrival{};
    if (out.fate != Fate::kDifferent && !options_.only_look)
      SqlWriter(transaction, *schema_).insert(model, known.has_value());
  });
  return out;
}

std::vector<Arrival> SqlTarget::take(std::vector<traces::StoredTrace> traces) {
  sql::Values ids;
  for (const traces::StoredTrace& one : traces) ids.emplace_back(one.trace.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    out = settle<traces::StoredTrace>(
        traces, SqlReader(transaction, *schema_).traces(ids), [](const auto& one) { return one.trace.id.value; },
        [&](const traces::StoredTrace& one) {
          if (!options_.only_look) writer.insert(one);
        });
  });
  return out;
}

int64_t SqlTarget::count_tags(const tracking::ExperimentId& experiment) {
  return database_.read_value<int64_t>([&](sql::Transaction& transaction) {
    return transaction
        .query_int("SELECT count(*) FROM experiment_tags WHERE experiment_id = ?", {tracking::number_of(experiment)})
        .value_or(0);
  });
}

tracking::RunRowCounts SqlTarget::count(const std::vector<tracking::RunId>& runs) {
  tracking::RunRowCounts out;
  database_.read([&](sql::Transaction& transaction) {
    const sql::Values ids = values_of(runs);
    const auto of = [&](std::string_view table) { return sum_over(transaction, table, "run_uuid", ids); };
    out = {};
    out.runs = of("runs");
    out.params = of("params");
    out.tags = of("tags");
    out.points = of("metrics");
    out.series = of("latest_metrics");
    if (!schema_->has("inputs")) return;
    out.dataset_inputs = sum_over(transaction, "inputs", "destination_id", ids, " AND source_type = 'DATASET'");
    out.input_tags = sum_over(transaction, "input_tags t JOIN inputs i ON i.input_uuid = t.input_uuid",
                              "i.destination_id", ids, " AND i.source_type = 'DATASET'");
    out.model_links =
        sum_over(transaction, "inputs", "source_id", ids, " AND source_type IN ('RUN_INPUT', 'RUN_OUTPUT')");
  });
  return out;
}

tracking::LoggedModelRowCounts SqlTarget::count(const std::vector<tracking::LoggedModelId>& models) {
  tracking::LoggedModelRowCounts out;
  if (!schema_->has("logged_models")) return out;
  database_.read([&](sql::Transaction& transaction) {
    const sql::Values ids = values_of(models);
    const auto of = [&](std::string_view table) { return sum_over(transaction, table, "model_id", ids); };
    out = {of("logged_models"), of("logged_model_params"), of("logged_model_tags"), of("logged_model_metrics")};
  });
  return out;
}

registry::ModelRowCounts SqlTarget::count(const std::string& model) {
  return database_.read_value<registry::ModelRowCounts>([&](sql::Transaction& transaction) {
    const auto found = SqlReader(transaction, *schema_).registered(model);
    return found ? registry::count_rows(*found) : registry::ModelRowCounts{};
  });
}

traces::TraceRowCounts SqlTarget::count(const std::vector<traces::TraceId>& traces) {
  traces::TraceRowCounts out;
  database_.read([&](sql::Transaction& transaction) {
    out = {};
    // By reading them back: some tags and metadata lie in columns.
    for (const traces::StoredTrace& one : SqlReader(transaction, *schema_).traces(values_of(traces))) {
      ++out.traces;
      out.tags += static_cast<int64_t>(one.trace.tags.size());
      out.metadata += static_cast<int64_t>(one.trace.metadata.size());
      out.spans += static_cast<int64_t>(one.spans.size());
      out.assessments += static_cast<int64_t>(one.trace.assessments.size());
      out.links += static_cast<int64_t>(one.links.size());
    }
  });
  return out;
}

std::vector<LeftOut> SqlTarget::left_out() {
  return {{"links from model versions to logged models that their source does not name", lost_model_ids_}};
}

Arrival SqlTarget::put(const std::string& path, const ArtifactFile& file) {
  if (const auto known = blobs_.find(path)) {
    if (known->size_bytes != file.size_bytes)
      return {Fate::kDifferent,
              text::concat("a file of ", known->size_bytes, " bytes is there, not ", file.size_bytes)};
    const bool same = has_same_content(*blobs_.open(path), *file.open());
    return tracking::arrival_of(same ? "" : "a file with other content is there");
  }
  if (!options_.only_look) copy_checked(file, *blobs_.create(path));
  return {};
}

}  // namespace slipway::mlflow_store
