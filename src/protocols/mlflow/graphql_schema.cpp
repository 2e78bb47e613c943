#include "protocols/mlflow/graphql_schema.h"

#include "protocols/mlflow/messages.h"

namespace slipway::mlflow::graphql {

namespace {

constexpr Shape kText = Shape::kText;
constexpr Shape kInteger = Shape::kInteger;
constexpr Shape kNumber = Shape::kNumber;
constexpr Shape kFlag = Shape::kFlag;
constexpr Shape kObject = Shape::kObject;

constexpr FieldType list_of(std::string_view name, std::string_view object) { return {name, kObject, object, true}; }

// Tags, params and the like.
constexpr FieldType kPair[] = {{"key"}, {"value"}};
constexpr FieldType kErrorDetail[] = {{"field"}, {"message"}};
constexpr FieldType kApiError[] = {
    {"code"}, {"message"}, {"helpUrl"}, {"traceId"}, list_of("errorDetails", "ErrorDetail")};
constexpr FieldType kApiErrorField = {"apiError", kObject, "ApiError"};

constexpr FieldType kExperiment[] = {{"experimentId"},
                                     {"name"},
                                     {"artifactLocation"},
                                     {"lifecycleStage"},
                                     {"lastUpdateTime", kInteger},
                                     {"creationTime", kInteger},
                                     list_of("tags", "MlflowExperimentTag"),
                                     {"effectiveTraceArchivalRetention"},
                                     {"workspace"}};
constexpr FieldType kMetric[] = {
    {"key"},     {"value", kNumber}, {"timestamp", kInteger}, {"step", kInteger}, {"datasetName"}, {"datasetDigest"},
    {"modelId"}, {"runId"}};
constexpr FieldType kMetricWithRunId[] = {
    {"key"}, {"value", kNumber}, {"timestamp", kInteger}, {"step", kInteger}, {"runId"}};
constexpr FieldType kRunInfo[] = {{"runId"},
                                  {"runUuid"},
                                  {"runName"},
                                  {"experimentId"},
                                  {"userId"},
                                  {"status"},
                                  {"startTime", kInteger},
                                  {"endTime", kInteger},
                                  {"artifactUri"},
                                  {"lifecycleStage"}};
constexpr FieldType kRunData[] = {list_of("metrics", "MlflowMetricExtension"), list_of("params", "MlflowParam"),
                                  list_of("tags", "MlflowRunTag")};
constexpr FieldType kDataset[] = {{"name"}, {"digest"}, {"sourceType"}, {"source"}, {"schema"}, {"profile"}};
constexpr FieldType kDatasetInput[] = {list_of("tags", "MlflowInputTag"), {"dataset", kObject, "MlflowDataset"}};
constexpr FieldType kModelInput[] = {{"modelId"}};
constexpr FieldType kModelOutput[] = {{"modelId"}, {"step", kInteger}};
constexpr FieldType kRunInputs[] = {list_of("datasetInputs", "MlflowDatasetInput"),
                                    list_of("modelInputs", "MlflowModelInput")};
constexpr FieldType kRunOutputs[] = {list_of("modelOutputs", "MlflowModelOutput")};
constexpr FieldType kRun[] = {
    {"info", kObject, "MlflowRunInfo"},          {"data", kObject, "MlflowRunData"},
    {"inputs", kObject, "MlflowRunInputs"},      {"outputs", kObject, "MlflowRunOutputs"},
    {"experiment", kObject, "MlflowExperiment"}, list_of("modelVersions", "MlflowModelVersion")};
constexpr FieldType kModelVersion[] = {{"name"},
                                       {"version"},
                                       {"creationTimestamp", kInteger},
                                       {"lastUpdatedTimestamp", kInteger},
                                       {"userId"},
                                       {"currentStage"},
                                       {"description"},
                                       {"source"},
                                       {"runId"},
                                       {"status"},
                                       {"statusMessage"},
                                       list_of("tags", "MlflowModelVersionTag"),
                                       {"runLink"},
                                       {"aliases", kText, "", true},
                                       {"modelId"}};
constexpr FieldType kFileInfo[] = {{"path"}, {"isDir", kFlag}, {"fileSize", kInteger}};
constexpr FieldType kDatasetSummary[] = {{"experimentId"}, {"name"}, {"digest"}, {"context"}};
constexpr FieldType kEcho[] = {{"output"}};

constexpr FieldType kGetExperiment[] = {{"experiment", kObject, "MlflowExperiment"}, kApiErrorField};
constexpr FieldType kGetRun[] = {{"run", kObject, "MlflowRunExtension"}, kApiErrorField};
constexpr FieldType kSearchRuns[] = {list_of("runs", "MlflowRunExtension"), {"nextPageToken"}, kApiErrorField};
constexpr FieldType kBulkInterval[] = {list_of("metrics", "MlflowMetricWithRunId"), kApiErrorField};
constexpr FieldType kListArtifacts[] = {
    {"rootUri"}, list_of("files", "MlflowFileInfo"), {"nextPageToken"}, kApiErrorField};
constexpr FieldType kSearchVersions[] = {
    list_of("modelVersions", "MlflowModelVersion"), {"nextPageToken"}, kApiErrorField};
constexpr FieldType kSearchDatasets[] = {list_of("datasetSummaries", "MlflowDatasetSummary"), kApiErrorField};

constexpr ObjectType kTypes[] = {{"ApiError", kApiError},
                                 {"ErrorDetail", kErrorDetail},
                                 {"MlflowDataset", kDataset},
                                 {"MlflowDatasetInput", kDatasetInput},
                                 {"MlflowDatasetSummary", kDatasetSummary},
                                 {"MlflowExperiment", kExperiment},
                                 {"MlflowExperimentTag", kPair},
                                 {"MlflowFileInfo", kFileInfo},
                                 {"MlflowGetExperimentResponse", kGetExperiment},
                                 {"MlflowGetMetricHistoryBulkIntervalResponse", kBulkInterval},
                                 {"MlflowGetRunResponse", kGetRun},
                                 {"MlflowInputTag", kPair},
                                 {"MlflowListArtifactsResponse", kListArtifacts},
                                 {"MlflowMetricExtension", kMetric},
                                 {"MlflowMetricWithRunId", kMetricWithRunId},
                                 {"MlflowModelInput", kModelInput},
                                 {"MlflowModelOutput", kModelOutput},
                                 {"MlflowModelVersion", kModelVersion},
                                 {"MlflowModelVersionTag", kPair},
                                 {"MlflowParam", kPair},
                                 {"MlflowRunData", kRunData},
                                 {"MlflowRunExtension", kRun},
                                 {"MlflowRunInfo", kRunInfo},
                                 {"MlflowRunInputs", kRunInputs},
                                 {"MlflowRunOutputs", kRunOutputs},
                                 {"MlflowRunTag", kPair},
                                 {"MlflowSearchDatasetsResponse", kSearchDatasets},
                                 {"MlflowSearchModelVersionsResponse", kSearchVersions},
                                 {"MlflowSearchRunsResponse", kSearchRuns},
                                 {"Test", kEcho}};

// Clients try out with it whether GraphQL is answered here.
std::string echo(const Services& /*services*/, const Input& input) {
  JsonWriter json;
  json.begin_object();
  json.text("output", input.text("input_string"));
  json.end_object();
  return json.take();
}

constexpr RootField kRoots[] = {
    {"mlflowGetExperiment", "MlflowGetExperimentResponse", get_experiment, rule::kReadExperiment},
    {"mlflowGetMetricHistoryBulkInterval", "MlflowGetMetricHistoryBulkIntervalResponse",
     get_metric_history_bulk_interval, rule::kReadRuns},
    {"mlflowGetRun", "MlflowGetRunResponse", get_run, rule::kReadRun},
    {"mlflowListArtifacts", "MlflowListArtifactsResponse", list_run_artifacts, rule::kReadRun},
    {"mlflowSearchDatasets", "MlflowSearchDatasetsResponse", search_datasets, rule::kReadExperiments},
    {"mlflowSearchModelVersions", "MlflowSearchModelVersionsResponse", search_model_versions, rule::kSearch},
    {"mlflowSearchRuns", "MlflowSearchRunsResponse", search_runs, rule::kSearch},
    {"test", "Test", echo, rule::kSearch},
};

template <typename Entries>
auto find_in(const Entries& entries, std::string_view name) -> decltype(&entries[0]) {
  for (const auto& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

const FieldType* ObjectType::find(std::string_view field) const { return find_in(fields, field); }
const ObjectType* find_type(std::string_view name) { return find_in(kTypes, name); }
const RootField* find_root(std::string_view name) { return find_in(kRoots, name); }

}  // namespace slipway::mlflow::graphql
