// Registry::create_version: where a version's files come from, checked before anything is written.
#include "domains/registry/changes.h"
#include "domains/registry/model_store.h"
#include "domains/registry/names.h"
#include "domains/registry/registry.h"
#include "domains/registry/source.h"
#include "domains/registry/version_store.h"
#include "domains/tracking/logged_models.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/error.h"

namespace slipway::registry {

struct Registry::Origin {
  std::string storage_location;
  std::string run_id;
  std::string model_id;
};

namespace {

Error outside(const std::string& source, std::string_view parameter) {
  return invalid_argument(
      "Invalid model version source: '", source, "'. To use it as a model version source, the ", parameter,
      " request parameter has to be specified and the source has to lie inside the artifacts it names.");
}

void refuse_difference(std::string_view what, const std::string& asked, const std::string& found) {
  if (!asked.empty() && asked != found) {
    throw invalid_argument("the source was made with ", what, " '", found, "', but the request says '", asked, "'");
  }
}

}  // namespace

void Registry::check_inside_run(const NewVersion& version) {
  if (const auto run = run_of_source(version.source)) {
    if (version.run_id.empty() || *run != version.run_id) throw outside(version.source, "run_id");
    return;
  }
  if (!is_proxied(version.source) && !is_local(version.source)) return;
  // A local path lies on a disk that only its writer knows, so it is never inside a run of this server.
  if (version.run_id.empty() || is_local(version.source)) throw outside(version.source, "run_id");
  const tracking::Run run = tracking_.get_run(tracking::RunId(version.run_id));
  if (!lies_within(version.source, run.info.artifact_uri)) throw outside(version.source, "run_id");
}

void Registry::check_inside_model(const NewVersion& version) {
  if (run_of_source(version.source)) throw outside(version.source, "model_id");
  if (!is_proxied(version.source) && !is_local(version.source)) return;
  const tracking::LoggedModel model = logged_models_.get(tracking::LoggedModelId(version.model_id));
  if (is_local(version.source) || !lies_within(version.source, model.artifact_uri))
    throw outside(version.source, "model_id");
}

// A copy keeps the files where they are and remembers where they came from.
Registry::Origin Registry::origin_of_copy(const NewVersion& version, const std::string& name, int64_t number) {
  const ModelVersion original = get_version(name, number);
  refuse_difference("run_id", version.run_id, original.run_id);
  refuse_difference("model_id", version.model_id, original.model_id);
  return {original.storage_location, original.run_id, original.model_id};
}

Registry::Origin Registry::origin_of(const NewVersion& version) {
  if (version.source.empty()) throw invalid_argument("Missing value for required parameter 'source'.");
  if (is_prompt(version.tags)) {
    // A prompt is text in a tag; its source is a word that names no place.
    if (version.source.find_first_of("/:\\.") != std::string::npos) {
      throw invalid_argument("Invalid prompt source: '", version.source,
                             "'. A prompt has no files; its source is a plain word.");
    }
    return {version.source, version.run_id, version.model_id};
  }
  refuse_relative_parts(version.source);
  if (const auto reference = parse_model_reference(version.source)) {
    if (reference->version) return origin_of_copy(version, reference->name, *reference->version);
    if (version.model_id != reference->model_id) throw outside(version.source, "model_id");
    const tracking::LoggedModel model = logged_models_.get(tracking::LoggedModelId(reference->model_id));
    return {model.artifact_uri, version.run_id.empty() ? model.source_run_id : version.run_id, version.model_id};
  }
  if (version.model_id.empty()) {
    check_inside_run(version);
  } else {
    check_inside_model(version);
  }
  return {version.source, version.run_id, version.model_id};
}

ModelVersion Registry::create_version(const NewVersion& version) {
  check_model_name(version.name);
  for (const Tag& tag : version.tags) check_tag(tag.key, tag.value);
  const Origin origin = origin_of(version);
  NewVersion complete = version;
  complete.run_id = origin.run_id;
  complete.model_id = origin.model_id;
  auto out = database_.write_value<ModelVersion>([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    const int64_t model = models.get_id(version.name);
    const int64_t now_ms = clock_.now_ms();
    models.touch(model, now_ms);
    ModelVersion made = VersionStore(transaction).insert(model, complete, origin.storage_location, now_ms).version;
    Attributes attributes = attributes_of(complete.tags);
    attributes["version"] = std::to_string(made.version);
    attributes["source"] = complete.source;
    attributes["run_id"] = complete.run_id;
    attributes["description"] = complete.description;
    record(transaction, Thing::kVersion, is_prompt(complete.tags), "created", complete.name, std::move(attributes));
    return made;
  });
  if (!complete.model_id.empty() && !is_prompt(version.tags)) {
    logged_models_.add_registration(tracking::LoggedModelId(complete.model_id), out.name, out.version);
  }
  publish("model_version.created", out.name, out.version, {{"run_id", out.run_id}});
  return out;
}

}  // namespace slipway::registry
