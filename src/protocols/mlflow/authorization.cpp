#include "protocols/mlflow/authorization.h"

#include "domains/registry/source.h"
#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

using identity::Permission;
using identity::ResourceKind;

Error denied() { return permission_denied("Permission denied."); }

class Authorization {
 public:
  Authorization(const Services& services, const Input& input)
      : services_(services), caller_(*services.caller), input_(input) {}

  void require(const Need& need) {
    if (need.subject == Subject::kPublic || caller_.is_admin) return;
    // Tokens have one role for everything; what concerns users is for administrators and users.
    if (!caller_.has_account() && !is_about_users(need.subject)) {
      if (caller_.everywhere < need.permission) throw denied();
      return;
    }
    switch (need.subject) {
      case Subject::kPublic:
        return;
      case Subject::kNothing:
        if (!caller_.has_account()) throw denied();
        return;
      case Subject::kExperiment:
        for (const std::string& id : input_.texts(need.field)) on_experiment(id, need.permission);
        return;
      case Subject::kSomeExperiments:
        return on_all(ids_of<tracking::ExperimentId>(input_.texts(need.field)), need.permission);
      case Subject::kExperimentName:
        if (const auto found = services_.tracking.find_experiment_by_name(input_.text(need.field)))
          on_experiment(found->id.value, need.permission);
        return;
      case Subject::kRun:
        return on_runs(input_.texts(need.field), need.permission);
      case Subject::kLoggedModel:
        return on_logged_models(input_.texts(need.field), need.permission);
      case Subject::kLoggedModels:
        return on_logged_models(model_ids(need.field), need.permission);
      case Subject::kTrace:
        return on_traces(input_.texts(need.field), need.permission);
      case Subject::kDataset:
        return on_all(services_.genai.datasets().experiments_of(genai::DatasetId(input_.text(need.field))),
                      need.permission);
      case Subject::kScorer:
        return on_experiments(
            services_.genai.scorers().experiments_of(ids_of<genai::ScorerId>(input_.texts(need.field))),
            need.permission);
      case Subject::kIssue:
        return on_all(services_.genai.issues().experiments_of({genai::IssueId(input_.text(need.field))}),
                      need.permission);
      case Subject::kReportedTrace:
        return on_reported_trace(need);
      case Subject::kModel:
        if (input_.has(need.field)) on_model(input_.required_text(need.field), need.permission);
        return;
      case Subject::kArtifact:
        return on_artifact(need, false);
      case Subject::kArtifactTree:
        return on_artifact(need, true);
      case Subject::kLocation:
        return on_location(input_.text(need.field), need.permission);
      case Subject::kSource:
        return on_source(input_.text(need.field), need.permission);
      case Subject::kAdmin:
        throw denied();
      case Subject::kUser:
        return on_user(input_.text(need.field));
      case Subject::kSharedResource:
        return on_shared_resource(need);
      case Subject::kProviderSecret:
        return on_each(ResourceKind::kProviderSecret, input_.texts(need.field), need.permission);
      case Subject::kModelDefinition:
        return on_each(ResourceKind::kModelDefinition, input_.texts(need.field), need.permission);
      case Subject::kModelConfigs:
        return on_each(ResourceKind::kModelDefinition, definition_ids(need.field), need.permission);
      case Subject::kOneModelEndpoint:
        if (input_.text(need.field).empty()) throw denied();
        [[fallthrough]];
      case Subject::kModelEndpoint:
        return on_each(ResourceKind::kModelEndpoint, input_.texts(need.field), need.permission);
      case Subject::kModelEndpointName:
        if (const auto id = services_.gateway.endpoints().find_id(input_.text(need.field)))
          on_each(ResourceKind::kModelEndpoint, {*id}, need.permission);
        return;
    }
    throw denied();
  }

 private:
  static bool is_about_users(Subject subject) {
    return subject == Subject::kAdmin || subject == Subject::kUser || subject == Subject::kSharedResource;
  }

  void on_experiment(const std::string& id, Permission needed) {
    services_.permissions.require(caller_, {ResourceKind::kExperiment, id}, needed);
  }

  void on_model(const std::string& name, Permission needed) {
    services_.permissions.require(caller_, {ResourceKind::kModel, name}, needed);
  }

  void on_experiments(const std::vector<tracking::ExperimentId>& ids, Permission needed) {
    for (const tracking::ExperimentId& id : ids) on_experiment(id.value, needed);
  }

  // What lies in no experiment is for administrators.
  void on_all(const std::vector<tracking::ExperimentId>& ids, Permission needed) {
    if (ids.empty()) throw denied();
    on_experiments(ids, needed);
  }

  void on_each(ResourceKind kind, const std::vector<std::string>& ids, Permission needed) {
    for (const std::string& id : ids) services_.permissions.require(caller_, {kind, id}, needed);
  }

  std::vector<std::string> definition_ids(std::string_view field) const {
    std::vector<std::string> out;
    for (const Input& config : input_.objects(field)) {
      std::string id = config.text("model_definition_id");
      if (!id.empty()) out.push_back(std::move(id));
    }
    return out;
  }

  template <typename Id>
  static std::vector<Id> ids_of(const std::vector<std::string>& texts) {
    return std::vector<Id>(texts.begin(), texts.end());
  }

  void on_runs(const std::vector<std::string>& runs, Permission needed) {
    if (!runs.empty()) on_experiments(services_.tracking.experiments_of(ids_of<tracking::RunId>(runs)), needed);
  }

  void on_logged_models(const std::vector<std::string>& models, Permission needed) {
    if (models.empty()) return;
    on_experiments(services_.logged_models.experiments_of(ids_of<tracking::LoggedModelId>(models)), needed);
  }

  void on_traces(const std::vector<std::string>& traces, Permission needed) {
    if (traces.empty()) return;
    on_experiments(services_.tracing.traces().experiments_of(ids_of<traces::TraceId>(traces)), needed);
  }

  std::vector<std::string> model_ids(std::string_view field) const {
    std::vector<std::string> out;
    for (const Input& item : input_.list(field)) {
      std::string id = item.text("model_id");
      if (!id.empty()) out.push_back(std::move(id));
    }
    return out;
  }

  void on_reported_trace(const Need& need) {
    const auto trace = input_.find_object(need.field);
    const auto info = trace ? trace->find_object("trace_info") : std::nullopt;
    if (!info) return;
    const traces::Trace reported = read_trace(*info);
    on_experiment(reported.experiment_id.value, need.permission);
    on_traces({reported.id.value}, need.permission);
  }

  // Files of no experiment are for administrators.
  void on_artifact(const Need& need, bool with_below) {
    const std::string path = tracking::checked_artifact_path(input_.text(need.field));
    const auto owners = services_.tracking.experiments_at(path, false);
    if (owners.empty()) throw denied();
    on_experiments(owners, need.permission);
    if (with_below) on_experiments(services_.tracking.experiments_at(path, true), need.permission);
  }

  // Who makes an experiment may read and write below its location, so it must not be where others' files lie or, by
  // default, will lie.
  void on_location(const std::string& location, Permission needed) {
    if (!tracking::is_own_location(location)) return;
    const std::string path = tracking::path_of_location(location);
    if (path.empty() || location != text::concat(tracking::kDefaultArtifactRoot, path)) {
      throw permission_denied("Permission denied. Write the location as ", tracking::kDefaultArtifactRoot,
                              "FOLDER, without slashes at its end.");
    }
    const auto owners = services_.tracking.experiments_at(path, true);
    on_experiments(owners, needed);
    if (owners.empty() && text::parse_int(path.substr(0, path.find('/')))) throw denied();
  }

  // A version shows its readers the files that it was made of.
  void on_source(const std::string& source, Permission needed) {
    on_runs(input_.texts("run_id"), needed);
    on_logged_models(input_.texts("model_id"), needed);
    if (const auto run = registry::run_of_source(source)) on_runs({*run}, needed);
    const auto reference = registry::parse_model_reference(source);
    if (!reference) return;
    if (!reference->model_id.empty()) on_logged_models({reference->model_id}, needed);
    if (!reference->name.empty()) on_model(reference->name, needed);
  }

  // Nobody named: the call says that it takes a name.
  void on_user(const std::string& name) {
    if (!caller_.has_account() || (!name.empty() && name != caller_.name)) throw denied();
  }

  void on_shared_resource(const Need& need) {
    const auto kind = identity::parse_resource_kind(input_.text("resource_type"));
    const std::string id = input_.text(need.field);
    if (!kind || id.empty() || id == identity::kAll || !caller_.has_account()) throw denied();
    services_.permissions.require(caller_, {*kind, id}, need.permission);
  }

  const Services& services_;
  const identity::Caller& caller_;
  const Input& input_;
};

}  // namespace

void authorize(const Services& services, const Rule& rule, const Input& input) {
  Authorization authorization(services, input);
  for (const Need& need : rule) authorization.require(need);
}

std::vector<tracking::ExperimentId> readable(const Services& services, const std::vector<std::string>& experiments) {
  constexpr size_t kMost = 32'768;
  if (experiments.size() > kMost) throw invalid_argument("a search takes at most ", kMost, " experiments");
  std::vector<tracking::ExperimentId> out;
  for (std::string& id : services.permissions.readable(*services.caller, ResourceKind::kExperiment, experiments))
    out.emplace_back(std::move(id));
  return out;
}

identity::Scope scope_of(const Services& services, ResourceKind kind) {
  return services.permissions.scope(*services.caller, kind);
}

}  // namespace slipway::mlflow
