// What a caller must be allowed for each call, as data: a rule stands in the call's row of the route table, and a row
// without one does not compile. Rules name the fields of a request that name something, and the permission it takes;
// authorization.h is what reads them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "foundation/identity/permission.h"

namespace slipway::mlflow {

// What the field of a need holds.
enum class Subject {
  kPublic,             // nothing is needed
  kNothing,            // nothing of anybody's: the call makes something new, or shows only what the caller may see
  kExperiment,         // ids of experiments
  kSomeExperiments,    // the same, at least one
  kExperimentName,     // an experiment's name
  kRun,                // ids of runs
  kLoggedModel,        // ids of logged models
  kLoggedModels,       // objects that may hold a logged model's id as model_id
  kTrace,              // ids of traces
  kDataset,            // an evaluation dataset's id: all its experiments, at least one
  kScorer,             // ids of scorers
  kIssue,              // an issue's id
  kReportedTrace,      // a trace with its description, maybe a new one
  kModel,              // a registered model's name
  kArtifact,           // a path below the root of all artifacts
  kArtifactTree,       // the same with all that lies below it
  kLocation,           // where the artifacts of a new experiment shall lie
  kSource,             // where the files of a new model version come from
  kAdmin,              // administrators
  kUser,               // a user's name: that user himself and administrators
  kSharedResource,     // resource_type beside the field, an id: whose permissions are told or changed
  kProviderSecret,     // ids of the gateway's secrets
  kModelDefinition,    // ids of its model definitions
  kModelConfigs,       // objects, or one, that name a model definition as model_definition_id
  kModelEndpoint,      // ids of its endpoints
  kOneModelEndpoint,   // one of those; none named is for administrators
  kModelEndpointName,  // an endpoint's name
};

struct Need {
  Subject subject;
  std::string_view field;
  identity::Permission permission;
};

class Rule {
 public:
  static constexpr size_t kMost = 3;

  template <size_t kCount>
  explicit constexpr Rule(const Need (&needs)[kCount]) : count_(kCount) {
    static_assert(kCount >= 1 && kCount <= kMost);
    for (size_t i = 0; i < kCount; ++i) needs_[i] = needs[i];
  }
  constexpr const Need* begin() const { return needs_.data(); }
  constexpr const Need* end() const { return needs_.data() + count_; }

  // What the route needs of a token, whose role is the same for everything.
  constexpr std::string_view route_permission() const {
    bool writes = false;
    for (const Need& need : *this) {
      if (need.subject == Subject::kPublic) return "public";
      writes = writes || need.permission >= identity::Permission::kEdit;
    }
    return writes ? "tracking.write" : "tracking.read";
  }

 private:
  std::array<Need, kMost> needs_{};
  size_t count_;
};

namespace rule {

using P = identity::Permission;
using S = Subject;

inline constexpr Rule kPublic{{{S::kPublic, "", P::kNone}}};
// For everybody who said who he is: what is shown is filtered, what is made is new.
inline constexpr Rule kSearch{{{S::kNothing, "", P::kRead}}};
inline constexpr Rule kCreate{{{S::kNothing, "", P::kEdit}}};

inline constexpr Rule kCreateExperiment{{{S::kLocation, "artifact_location", P::kEdit}}};
inline constexpr Rule kReadExperiment{{{S::kExperiment, "experiment_id", P::kRead}}};
inline constexpr Rule kReadExperimentByName{{{S::kExperimentName, "experiment_name", P::kRead}}};
inline constexpr Rule kReadExperiments{{{S::kExperiment, "experiment_ids", P::kRead}}};
inline constexpr Rule kEditExperiment{{{S::kExperiment, "experiment_id", P::kEdit}}};
inline constexpr Rule kManageExperiment{{{S::kExperiment, "experiment_id", P::kManage}}};

// A run's id comes under two names; both count.
inline constexpr Rule kReadRun{{{S::kRun, "run_id", P::kRead}, {S::kRun, "run_uuid", P::kRead}}};
inline constexpr Rule kReadRuns{{{S::kRun, "run_ids", P::kRead}}};
inline constexpr Rule kEditRun{{{S::kRun, "run_id", P::kEdit}, {S::kRun, "run_uuid", P::kEdit}}};
inline constexpr Rule kManageRun{{{S::kRun, "run_id", P::kManage}, {S::kRun, "run_uuid", P::kManage}}};
// Metrics may belong to a logged model as well.
inline constexpr Rule kLogMetric{
    {{S::kRun, "run_id", P::kEdit}, {S::kRun, "run_uuid", P::kEdit}, {S::kLoggedModel, "model_id", P::kEdit}}};
inline constexpr Rule kLogBatch{
    {{S::kRun, "run_id", P::kEdit}, {S::kRun, "run_uuid", P::kEdit}, {S::kLoggedModels, "metrics", P::kEdit}}};
inline constexpr Rule kLogModels{
    {{S::kRun, "run_id", P::kEdit}, {S::kRun, "run_uuid", P::kEdit}, {S::kLoggedModels, "models", P::kRead}}};

inline constexpr Rule kReadLoggedModel{{{S::kLoggedModel, "model_id", P::kRead}}};
inline constexpr Rule kEditLoggedModel{{{S::kLoggedModel, "model_id", P::kEdit}}};
inline constexpr Rule kManageLoggedModel{{{S::kLoggedModel, "model_id", P::kManage}}};

inline constexpr Rule kReadModel{{{S::kModel, "name", P::kRead}}};
inline constexpr Rule kEditModel{{{S::kModel, "name", P::kEdit}}};
inline constexpr Rule kManageModel{{{S::kModel, "name", P::kManage}}};
inline constexpr Rule kCreateVersion{{{S::kModel, "name", P::kEdit}, {S::kSource, "source", P::kRead}}};

inline constexpr Rule kReadArtifact{{{S::kArtifact, "path", P::kRead}}};
inline constexpr Rule kReadArtifactByName{{{S::kArtifact, "artifact", P::kRead}}};
inline constexpr Rule kListArtifacts{{{S::kArtifactTree, "path", P::kRead}}};
inline constexpr Rule kEditArtifact{{{S::kArtifact, "path", P::kEdit}}};
inline constexpr Rule kEditFolder{{{S::kArtifact, "folder", P::kEdit}}};
inline constexpr Rule kDeleteArtifacts{{{S::kArtifactTree, "path", P::kManage}}};

inline constexpr Rule kReportTrace{{{S::kReportedTrace, "trace", P::kEdit}}};
inline constexpr Rule kReadTrace{{{S::kTrace, "trace_id", P::kRead}}};
inline constexpr Rule kReadTraceByRequest{{{S::kTrace, "request_id", P::kRead}}};
inline constexpr Rule kReadTraces{{{S::kTrace, "trace_ids", P::kRead}}};
inline constexpr Rule kEditTrace{{{S::kTrace, "trace_id", P::kEdit}}};
inline constexpr Rule kLinkTraces{{{S::kRun, "run_id", P::kEdit}, {S::kTrace, "trace_ids", P::kRead}}};

// An evaluation dataset belongs to its experiments; without any it is the administrators'.
inline constexpr Rule kReadSomeExperiments{{{S::kSomeExperiments, "experiment_ids", P::kRead}}};
inline constexpr Rule kEditSomeExperiments{{{S::kSomeExperiments, "experiment_ids", P::kEdit}}};
inline constexpr Rule kReadDataset{{{S::kDataset, "dataset_id", P::kRead}}};
inline constexpr Rule kEditDataset{{{S::kDataset, "dataset_id", P::kEdit}}};
inline constexpr Rule kManageDataset{{{S::kDataset, "dataset_id", P::kManage}}};
inline constexpr Rule kShareDataset{
    {{S::kDataset, "dataset_id", P::kEdit}, {S::kSomeExperiments, "experiment_ids", P::kEdit}}};
inline constexpr Rule kReadScorers{{{S::kScorer, "scorer_ids", P::kRead}}};
inline constexpr Rule kReadIssue{{{S::kIssue, "issue_id", P::kRead}}};
inline constexpr Rule kEditIssue{{{S::kIssue, "issue_id", P::kEdit}}};
inline constexpr Rule kReadSomeExperiment{{{S::kSomeExperiments, "experiment_id", P::kRead}}};

// Making something of somebody's takes using it. A secret can be used without being seen.
inline constexpr Rule kReadSecret{{{S::kProviderSecret, "secret_id", P::kRead}}};
inline constexpr Rule kEditSecret{{{S::kProviderSecret, "secret_id", P::kEdit}}};
inline constexpr Rule kManageSecret{{{S::kProviderSecret, "secret_id", P::kManage}}};
inline constexpr Rule kReadDefinition{{{S::kModelDefinition, "model_definition_id", P::kRead}}};
inline constexpr Rule kCreateDefinition{{{S::kNothing, "", P::kEdit}, {S::kProviderSecret, "secret_id", P::kUse}}};
inline constexpr Rule kEditDefinition{
    {{S::kModelDefinition, "model_definition_id", P::kEdit}, {S::kProviderSecret, "secret_id", P::kUse}}};
inline constexpr Rule kManageDefinition{{{S::kModelDefinition, "model_definition_id", P::kManage}}};
inline constexpr Rule kReadEndpoint{
    {{S::kModelEndpoint, "endpoint_id", P::kRead}, {S::kModelEndpointName, "name", P::kRead}}};
inline constexpr Rule kCreateEndpoint{{{S::kNothing, "", P::kEdit},
                                       {S::kModelConfigs, "model_configs", P::kUse},
                                       {S::kExperiment, "experiment_id", P::kEdit}}};
inline constexpr Rule kChangeEndpoint{{{S::kModelEndpoint, "endpoint_id", P::kEdit},
                                       {S::kModelConfigs, "model_configs", P::kUse},
                                       {S::kExperiment, "experiment_id", P::kEdit}}};
inline constexpr Rule kAttachModel{
    {{S::kModelEndpoint, "endpoint_id", P::kEdit}, {S::kModelConfigs, "model_config", P::kUse}}};
inline constexpr Rule kEditEndpoint{{{S::kModelEndpoint, "endpoint_id", P::kEdit}}};
inline constexpr Rule kManageEndpoint{{{S::kModelEndpoint, "endpoint_id", P::kManage}}};
inline constexpr Rule kReadBindings{{{S::kOneModelEndpoint, "endpoint_id", P::kRead}}};
inline constexpr Rule kUseEndpoint{{{S::kModelEndpointName, "endpoint_name", P::kUse}}};
inline constexpr Rule kUseEndpointAsModel{{{S::kModelEndpointName, "model", P::kUse}}};

inline constexpr Rule kAdmin{{{S::kAdmin, "", P::kManage}}};
inline constexpr Rule kUser{{{S::kUser, "username", P::kRead}}};
inline constexpr Rule kChangeUser{{{S::kUser, "username", P::kEdit}}};
inline constexpr Rule kShare{{{S::kSharedResource, "resource_id", P::kManage}}};

}  // namespace rule

}  // namespace slipway::mlflow
