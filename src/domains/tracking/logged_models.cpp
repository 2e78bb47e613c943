#include "domains/tracking/logged_models.h"

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/logged_model_store.h"
#include "domains/tracking/random_name.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::tracking {

namespace {

constexpr int64_t kMaxModels = 50'000;
constexpr std::string_view kRegistrationsTag = "mlflow.modelVersions";

// As Python writes it, because clients compare the text.
std::string registration_text(const std::string& name, const json::value& version) {
  return text::concat(R"({"name": )", json::write(json::value(name)), R"(, "version": )", json::write(version), "}");
}

// Clients may name them as they like, unlike those of runs.
void check_params(const std::vector<Param>& params) {
  for (const Param& param : params) check_text_key(param.key, "params.key");
}
void check_tags(const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) check_text_key(tag.key, "tags.key");
}

Question question_of(const LoggedModelSearch& search) {
  std::vector<std::string> order_by;
  for (const LoggedModelOrder& order : search.order_by) {
    const DatasetSelector& dataset = order.dataset;
    order_by.insert(order_by.end(), {order.field, order.ascending ? "asc" : "desc", dataset.name, dataset.digest});
  }
  std::vector<std::string> datasets;
  for (const DatasetSelector& dataset : search.datasets)
    datasets.insert(datasets.end(), {dataset.name, dataset.digest});
  Question out("logged models");
  out.add_experiments(search.experiments);
  out.add_filter(search.filter);
  out.add_order(order_by);
  out.add("Datasets", "do", datasets);
  return out;
}

}  // namespace

LoggedModel LoggedModels::create(const NewLoggedModel& model) {
  check_params(model.params);
  check_tags(model.tags);
  LoggedModel out;
  out.id = LoggedModelId("m-" + ids_.hex(32));
  out.experiment_id = model.experiment_id;
  out.name = model.name.empty() ? random_name(ids_) : model.name;
  check_logged_model_name(out.name);
  out.model_type = model.model_type;
  out.source_run_id = model.source_run_id;
  out.created_ms = clock_.now_ms();
  out.updated_ms = out.created_ms;
  out.params = model.params;
  out.tags = model.tags;
  return database_.write_value<LoggedModel>([&](sql::Transaction& transaction) {
    const Experiment experiment = ExperimentStore(transaction).get_active(model.experiment_id);
    out.artifact_uri =
        text::concat(experiment.artifact_location, experiment.artifact_location.ends_with('/') ? "" : "/", "models/",
                     out.id.value, "/artifacts");
    LoggedModelStore store(transaction);
    store.insert(out);
    return store.get(out.id);
  });
}

std::vector<ExperimentId> LoggedModels::experiments_of(const std::vector<LoggedModelId>& models) {
  sql::Values ids;
  for (const LoggedModelId& model : models) ids.emplace_back(model.value);
  return database_.read_value<std::vector<ExperimentId>>(
      [&](sql::Transaction& transaction) { return experiments_in(transaction, "logged_models", "model_id", ids); });
}

std::optional<LoggedModel> LoggedModels::find(const LoggedModelId& id) {
  using Found = std::optional<LoggedModel>;
  return database_.read_value<Found>(
      [&](sql::Transaction& transaction) { return LoggedModelStore(transaction).find(id, DeletedModels::kHide); });
}

LoggedModel LoggedModels::get(const LoggedModelId& id) {
  return database_.read_value<LoggedModel>(
      [&](sql::Transaction& transaction) { return LoggedModelStore(transaction).get(id); });
}

LoggedModel LoggedModels::get_even_deleted(const LoggedModelId& id) {
  return database_.read_value<LoggedModel>(
      [&](sql::Transaction& transaction) { return LoggedModelStore(transaction).get(id, DeletedModels::kShow); });
}

LoggedModel LoggedModels::finish(const LoggedModelId& id, LoggedModelStatus status) {
  return database_.write_value<LoggedModel>([&](sql::Transaction& transaction) {
    LoggedModelStore store(transaction);
    store.get(id);
    store.set_status(id, status, clock_.now_ms());
    return store.get(id);
  });
}

void LoggedModels::remove(const LoggedModelId& id) {
  database_.write([&](sql::Transaction& transaction) {
    LoggedModelStore store(transaction);
    store.get(id);
    store.remove(id, clock_.now_ms());
  });
}

Page<LoggedModel> LoggedModels::search(const LoggedModelSearch& search) {
  check_max_results(search.max_results, kMaxModels);
  for (const DatasetSelector& dataset : search.datasets) {
    if (dataset.name.empty()) throw invalid_argument("`dataset_name` in the `datasets` clause must be specified.");
  }
  const PageRequest request(search.max_results, search.page_token, question_of(search));
  return database_.read_value<Page<LoggedModel>>(
      [&](sql::Transaction& transaction) { return LoggedModelStore(transaction).search(search, request); });
}

LoggedModel LoggedModels::set_tags(const LoggedModelId& id, const std::vector<Tag>& tags) {
  check_tags(tags);
  return database_.write_value<LoggedModel>([&](sql::Transaction& transaction) {
    LoggedModelStore store(transaction);
    store.get(id);
    store.set_tags(id, tags);
    return store.get(id);
  });
}

void LoggedModels::delete_tag(const LoggedModelId& id, const std::string& key) {
  database_.write([&](sql::Transaction& transaction) {
    LoggedModelStore store(transaction);
    store.get(id);
    if (!store.remove_tag(id, key)) throw not_found("No tag with key '", key, "' on logged model '", id.value, "'");
  });
}

void LoggedModels::add_params(const LoggedModelId& id, const std::vector<Param>& params) {
  check_params(params);
  database_.write([&](sql::Transaction& transaction) {
    LoggedModelStore store(transaction);
    store.get(id);
    store.add_params(id, params);
  });
}

void LoggedModels::add_registration(const LoggedModelId& id, const std::string& name, int64_t version) {
  database_.write([&](sql::Transaction& transaction) {
    LoggedModelStore store(transaction);
    std::vector<std::string> registrations;
    for (const Tag& tag : store.get(id).tags) {
      if (tag.key != kRegistrationsTag) continue;
      const json::value parsed = json::parse(tag.value);
      for (const json::value& known : parsed.as_array()) {
        const json::object& registration = known.as_object();
        registrations.push_back(
            registration_text(json::get_string(registration, "name"), *json::find(registration, "version")));
      }
    }
    registrations.push_back(registration_text(name, version));
    store.set_tags(id, {{std::string(kRegistrationsTag), text::concat("[", text::join(registrations, ", "), "]")}});
  });
}

}  // namespace slipway::tracking
