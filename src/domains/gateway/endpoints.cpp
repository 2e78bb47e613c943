#include "domains/gateway/endpoints.h"

#include <algorithm>
#include <cmath>

#include "domains/gateway/names.h"
#include "domains/gateway/pairs.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::gateway {

namespace {

constexpr size_t kMaxModels = 100;
constexpr int64_t kMaxOrder = 1'000'000;
constexpr size_t kMaxTagValue = 5000;
constexpr std::string_view kScorer = "scorer";

identity::Resource resource_of(const std::string& id) { return {identity::ResourceKind::kModelEndpoint, id}; }

void check_model(const ModelConfig& model) {
  if (!std::isfinite(model.weight) || model.weight < 0) {
    throw invalid_argument("the weight of a model is a number from 0 on, not ", model.weight);
  }
  if (std::abs(model.fallback_order.value_or(0)) > kMaxOrder) {
    throw invalid_argument("fallback_order is at most ", kMaxOrder);
  }
}

void check_models(const std::vector<ModelConfig>& models) {
  if (models.empty()) throw invalid_argument("Endpoint must have at least one model configuration");
  if (models.size() > kMaxModels) throw invalid_argument("an endpoint has at most ", kMaxModels, " models");
  for (const ModelConfig& model : models) check_model(model);
}

void check_all_are_there(sql::Transaction& transaction, const std::vector<ModelConfig>& models) {
  std::vector<std::string> missing;
  for (const ModelConfig& model : models) {
    const auto row = transaction.query_int("SELECT id FROM gateway_model_definitions WHERE definition_id = ?",
                                           {model.definition_id});
    if (!row) missing.push_back(model.definition_id);
  }
  if (!missing.empty()) throw not_found("Model definitions not found: ", text::join(missing, ", "));
}

bool has_fallbacks(const std::vector<ModelConfig>& models) {
  return std::any_of(models.begin(), models.end(),
                     [](const ModelConfig& model) { return model.linkage == Linkage::kFallback; });
}

void check_name_is_free(EndpointStore& store, const std::string& name, int64_t except_row = 0) {
  if (store.has_name(name, except_row)) throw already_exists("Endpoint with name '", name, "' already exists");
}

void check_resource(const std::string& type, const std::string& id) {
  if (type != kScorer) throw invalid_argument("Invalid resource_type '", type, "'. Must be one of: scorer.");
  check_name("resource_id", id);
}

}  // namespace

std::string Endpoints::usage_experiment(const std::string& endpoint_name, const std::string& endpoint_id,
                                        int64_t maker) {
  tracking::NewExperiment wanted;
  wanted.name = "gateway/" + endpoint_name;
  wanted.tags = {{"mlflow.experiment.sourceType", "GATEWAY"},
                 {"mlflow.experiment.sourceId", endpoint_id},
                 {"mlflow.experiment.isGateway", "true"}};
  wanted.maker = maker;
  if (const auto found = tracking_.find_experiment_by_name(wanted.name)) return found->id.value;
  return tracking_.create_experiment(wanted).value;
}

void Endpoints::check_experiment(const std::string& id) {
  if (!id.empty()) tracking_.get_experiment(tracking::ExperimentId(id));
}

ModelMapping Endpoints::mapping_of(const std::string& endpoint_id, const ModelConfig& model, const std::string& maker) {
  ModelMapping out;
  out.id = "m-" + ids_.hex(32);
  out.endpoint_id = endpoint_id;
  out.config = model;
  out.created_ms = clock_.now_ms();
  out.created_by = maker;
  return out;
}

void Endpoints::insert_models(EndpointStore& store, const EndpointStore::Found& found,
                              const std::vector<ModelConfig>& models, const std::string& maker) {
  for (const ModelConfig& model : models) store.insert_mapping(found, mapping_of(found.endpoint.id, model, maker));
}

Endpoint Endpoints::create(const NewEndpoint& wanted) {
  check_endpoint_name(wanted.name);
  check_models(wanted.models);
  Endpoint endpoint;
  endpoint.id = "e-" + ids_.hex(32);
  endpoint.name = wanted.name;
  endpoint.splits_traffic = wanted.splits_traffic;
  endpoint.fallback = wanted.fallback;
  if (!endpoint.fallback && has_fallbacks(wanted.models)) endpoint.fallback = FallbackConfig{};
  endpoint.tracks_usage = wanted.tracks_usage;
  endpoint.stamp = new_stamp(clock_.now_ms(), wanted.maker);
  endpoint.experiment_id = wanted.experiment_id.value_or("");
  check_experiment(endpoint.experiment_id);
  // Looked at before the experiment is made, so that what is refused leaves nothing behind.
  database_.read([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    check_all_are_there(transaction, wanted.models);
    check_name_is_free(store, wanted.name);
  });
  if (endpoint.tracks_usage && endpoint.experiment_id.empty())
    endpoint.experiment_id = usage_experiment(endpoint.name, endpoint.id, wanted.maker_id);
  return database_.write_value<Endpoint>([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    check_name_is_free(store, wanted.name);
    store.insert(endpoint);
    insert_models(store, store.get(endpoint.id), wanted.models, wanted.maker);
    identity::GrantStore(transaction).made(resource_of(endpoint.id), wanted.maker_id);
    return store.get(endpoint.id).endpoint;
  });
}

Endpoint Endpoints::update(const std::string& id, const EndpointChange& change) {
  const Endpoint known = get(id);
  if (change.name) check_endpoint_name(*change.name);
  if (change.models) check_models(*change.models);
  std::string experiment_id = change.experiment_id.value_or("");
  check_experiment(experiment_id);
  if (experiment_id.empty() && change.tracks_usage.value_or(false) && known.experiment_id.empty())
    experiment_id = usage_experiment(change.name.value_or(known.name), id, change.changer_id);
  return database_.write_value<Endpoint>([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    auto found = store.get(id);
    Endpoint& endpoint = found.endpoint;
    if (change.name) {
      check_name_is_free(store, *change.name, found.row);
      endpoint.name = *change.name;
    }
    if (change.splits_traffic) endpoint.splits_traffic = *change.splits_traffic;
    if (change.tracks_usage) endpoint.tracks_usage = *change.tracks_usage;
    if (!experiment_id.empty()) endpoint.experiment_id = experiment_id;
    if (change.models) {
      store.remove_mappings(found.row);
      insert_models(store, found, *change.models, change.changer);
      endpoint.fallback = FallbackConfig{};
    }
    if (change.fallback) endpoint.fallback = change.fallback;
    touch(endpoint.stamp, clock_.now_ms(), change.changer);
    store.update(found);
    return store.get(id).endpoint;
  });
}

Endpoint Endpoints::get(const std::string& id) {
  return database_.read_value<Endpoint>(
      [&](sql::Transaction& transaction) { return EndpointStore(transaction).get(id).endpoint; });
}

Endpoint Endpoints::get_by_name(const std::string& name) {
  return database_.read_value<Endpoint>(
      [&](sql::Transaction& transaction) { return EndpointStore(transaction).get_by_name(name).endpoint; });
}

std::optional<std::string> Endpoints::find_id(const std::string& name) {
  using Id = std::optional<std::string>;
  return database_.read_value<Id>([&](sql::Transaction& transaction) {
    return transaction.query_one<std::string>("SELECT endpoint_id FROM gateway_endpoints WHERE name = ?", {name},
                                              [](const sql::Row& row) { return row.get_text(0); });
  });
}

std::vector<Endpoint> Endpoints::list(const DefinitionFilter& filter, const identity::Scope& scope) {
  return database_.read_value<std::vector<Endpoint>>(
      [&](sql::Transaction& transaction) { return EndpointStore(transaction).list(filter, scope); });
}

void Endpoints::remove(const std::string& id) {
  database_.write([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    store.remove(store.get(id).row);
    identity::GrantStore(transaction).removed(resource_of(id));
  });
}

ModelMapping Endpoints::attach(const std::string& id, const ModelConfig& model, const std::string& maker) {
  check_model(model);
  return database_.write_value<ModelMapping>([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    auto found = store.get(id);
    ModelMapping mapping = mapping_of(id, model, maker);
    if (found.endpoint.mappings.size() >= kMaxModels)
      throw invalid_argument("an endpoint has at most ", kMaxModels, " models");
    store.insert_mapping(found, mapping);
    touch(found.endpoint.stamp, clock_.now_ms(), maker);
    store.update(found);
    mapping.definition = DefinitionStore(transaction).get(model.definition_id).definition;
    return mapping;
  });
}

void Endpoints::detach(const std::string& id, const std::string& definition_id) {
  database_.write([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    const auto found = store.get(id);
    for (const ModelMapping& mapping : found.endpoint.mappings) {
      if (mapping.config.definition_id == definition_id) return store.remove_mapping(mapping.id);
    }
    throw not_found("Model definition '", definition_id, "' is not attached to endpoint '", id, "'");
  });
}

void Endpoints::set_tag(const std::string& id, const Tag& tag) {
  check_name("key", tag.key);
  if (tag.value.size() > kMaxTagValue || !is_plain_text(tag.value))
    throw invalid_argument("the value of a tag is text of at most ", kMaxTagValue, " bytes");
  database_.write([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    store.put_tag(store.get(id).row, tag);
  });
}

void Endpoints::delete_tag(const std::string& id, const std::string& key) {
  database_.write([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    store.remove_tag(store.get(id).row, key);
  });
}

Binding Endpoints::bind(const std::string& id, const std::string& resource_type, const std::string& resource_id,
                        const std::string& maker) {
  check_resource(resource_type, resource_id);
  const Binding binding{id, resource_type, resource_id, new_stamp(clock_.now_ms(), maker)};
  database_.write([&](sql::Transaction& transaction) {
    EndpointStore store(transaction);
    store.insert_binding(store.get(id).row, binding);
  });
  return binding;
}

void Endpoints::unbind(const std::string& id, const std::string& resource_type, const std::string& resource_id) {
  const bool was_there = database_.write_value<bool>([&](sql::Transaction& transaction) {
    return EndpointStore(transaction).remove_binding({id, resource_type, resource_id, {}});
  });
  if (was_there) return;
  throw not_found("GatewayEndpointBinding not found (endpoint_id='", id, "', resource_type='", resource_type,
                  "', resource_id='", resource_id, "')");
}

std::vector<Binding> Endpoints::bindings(const BindingFilter& filter) {
  return database_.read_value<std::vector<Binding>>(
      [&](sql::Transaction& transaction) { return EndpointStore(transaction).bindings(filter); });
}

}  // namespace slipway::gateway
