// The one table of MLflow's calls.
#include <string>

#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/errors.h"
#include "protocols/mlflow/handlers.h"

namespace slipway::mlflow {

namespace {

struct JsonCall {
  std::string_view method;
  std::string_view path;  // below /api and /ajax-api
  JsonHandler handler;
  Rule rule;
  std::string_view summary;
};

// What a handler of the request itself finds in its body. The input that permission is asked for is the one that the
// handler gets.
enum class Carries { kFields, kBytes };

struct RawCall {
  std::string_view method;
  std::string_view path;
  RawHandler handler;
  Carries carries;
  Rule rule;
  std::string_view summary;
};

constexpr JsonCall kCalls[] = {
    {"POST", "2.0/mlflow/experiments/create", create_experiment, rule::kCreateExperiment, "Create an experiment"},
    {"GET", "2.0/mlflow/experiments/get", get_experiment, rule::kReadExperiment, "Get an experiment"},
    {"GET", "2.0/mlflow/experiments/get-by-name", get_experiment_by_name, rule::kReadExperimentByName,
     "Get an experiment by its name"},
    {"POST", "2.0/mlflow/experiments/search", search_experiments, rule::kSearch, "Search experiments"},
    {"GET", "2.0/mlflow/experiments/search", search_experiments, rule::kSearch, "Search experiments"},
    {"POST", "2.0/mlflow/experiments/update", update_experiment, rule::kEditExperiment, "Rename an experiment"},
    {"POST", "2.0/mlflow/experiments/delete", delete_experiment, rule::kManageExperiment,
     "Delete an experiment with its runs"},
    {"POST", "2.0/mlflow/experiments/restore", restore_experiment, rule::kManageExperiment,
     "Restore an experiment with its runs"},
    {"POST", "2.0/mlflow/experiments/set-experiment-tag", set_experiment_tag, rule::kEditExperiment,
     "Tag an experiment"},
    {"POST", "2.0/mlflow/experiments/delete-experiment-tag", delete_experiment_tag, rule::kEditExperiment,
     "Untag an experiment"},
    {"POST", "2.0/mlflow/experiments/search-datasets", search_datasets, rule::kReadExperiments,
     "Datasets that runs used"},

    {"POST", "2.0/mlflow/runs/create", create_run, rule::kEditExperiment, "Start a run"},
    {"GET", "2.0/mlflow/runs/get", get_run, rule::kReadRun, "Get a run"},
    {"POST", "2.0/mlflow/runs/update", update_run, rule::kEditRun, "Change a run's status, end or name"},
    {"POST", "2.0/mlflow/runs/delete", delete_run, rule::kManageRun, "Delete a run"},
    {"POST", "2.0/mlflow/runs/restore", restore_run, rule::kManageRun, "Restore a run"},
    {"POST", "2.0/mlflow/runs/search", search_runs, rule::kSearch, "Search runs"},
    {"POST", "2.0/mlflow/runs/log-metric", log_metric, rule::kLogMetric, "Log one metric point"},
    {"POST", "2.0/mlflow/runs/log-parameter", log_parameter, rule::kEditRun, "Log one param"},
    {"POST", "2.0/mlflow/runs/set-tag", set_tag, rule::kEditRun, "Tag a run"},
    {"POST", "2.0/mlflow/runs/delete-tag", delete_tag, rule::kEditRun, "Untag a run"},
    {"POST", "2.0/mlflow/runs/log-batch", log_batch, rule::kLogBatch, "Log metrics, params and tags together"},
    {"POST", "2.0/mlflow/runs/log-inputs", log_inputs, rule::kLogModels, "Log the datasets and models a run used"},
    {"POST", "2.0/mlflow/runs/outputs", log_outputs, rule::kLogModels, "Log the models a run made"},
    {"POST", "2.0/mlflow/runs/log-model", log_model, rule::kEditRun, "Record a model the old way"},
    {"GET", "2.0/mlflow/metrics/get-history-bulk", get_metric_history_bulk, rule::kReadRun,
     "Points of one metric of many runs"},
    {"GET", "2.0/mlflow/metrics/get-history-bulk-interval", get_metric_history_bulk_interval, rule::kReadRuns,
     "Even samples of one metric of many runs"},
    {"GET", "2.0/mlflow/artifacts/list", list_run_artifacts, rule::kReadRun, "List a run's artifacts"},

    {"POST", "2.0/mlflow/logged-models", create_logged_model, rule::kEditExperiment, "Create a logged model"},
    {"POST", "2.0/mlflow/logged-models/search", search_logged_models, rule::kSearch, "Search logged models"},
    {"GET", "2.0/mlflow/logged-models/{model_id}", get_logged_model, rule::kReadLoggedModel, "Get a logged model"},
    {"PATCH", "2.0/mlflow/logged-models/{model_id}", finish_logged_model, rule::kEditLoggedModel,
     "Finish a logged model"},
    {"DELETE", "2.0/mlflow/logged-models/{model_id}", delete_logged_model, rule::kManageLoggedModel,
     "Delete a logged model"},
    {"PATCH", "2.0/mlflow/logged-models/{model_id}/tags", set_logged_model_tags, rule::kEditLoggedModel,
     "Tag a logged model"},
    {"DELETE", "2.0/mlflow/logged-models/{model_id}/tags/{tag_key}", delete_logged_model_tag, rule::kEditLoggedModel,
     "Untag a logged model"},
    {"POST", "2.0/mlflow/logged-models/{model_id}/params", log_logged_model_params, rule::kEditLoggedModel,
     "Log params of a logged model"},
    {"GET", "2.0/mlflow/logged-models/{model_id}/artifacts/directories", list_logged_model_artifacts,
     rule::kReadLoggedModel, "List a logged model's artifacts"},

    {"POST", "2.0/mlflow/registered-models/create", create_registered_model, rule::kCreate, "Register a model name"},
    {"GET", "2.0/mlflow/registered-models/get", get_registered_model, rule::kReadModel, "Get a registered model"},
    {"GET", "2.0/mlflow/registered-models/search", search_registered_models, rule::kSearch, "Search registered models"},
    {"POST", "2.0/mlflow/registered-models/rename", rename_registered_model, rule::kEditModel,
     "Rename a registered model"},
    {"PATCH", "2.0/mlflow/registered-models/update", update_registered_model, rule::kEditModel,
     "Describe a registered model"},
    {"DELETE", "2.0/mlflow/registered-models/delete", delete_registered_model, rule::kManageModel,
     "Delete a registered model"},
    {"POST", "2.0/mlflow/registered-models/set-tag", set_registered_model_tag, rule::kEditModel,
     "Tag a registered model"},
    {"DELETE", "2.0/mlflow/registered-models/delete-tag", delete_registered_model_tag, rule::kEditModel,
     "Untag a registered model"},
    {"POST", "2.0/mlflow/registered-models/get-latest-versions", get_latest_versions, rule::kReadModel,
     "Highest version per stage"},
    {"GET", "2.0/mlflow/registered-models/get-latest-versions", get_latest_versions, rule::kReadModel,
     "Highest version per stage"},
    {"POST", "2.0/mlflow/registered-models/alias", set_alias, rule::kEditModel, "Point an alias at a version"},
    {"GET", "2.0/mlflow/registered-models/alias", get_by_alias, rule::kReadModel, "The version behind an alias"},
    {"DELETE", "2.0/mlflow/registered-models/alias", delete_alias, rule::kManageModel, "Delete an alias"},

    {"POST", "2.0/mlflow/model-versions/create", create_model_version, rule::kCreateVersion, "Create a model version"},
    {"GET", "2.0/mlflow/model-versions/get", get_model_version, rule::kReadModel, "Get a model version"},
    {"GET", "2.0/mlflow/model-versions/search", search_model_versions, rule::kSearch, "Search model versions"},
    {"GET", "2.0/mlflow/model-versions/get-download-uri", get_download_uri, rule::kReadModel,
     "Where a version's files are"},
    {"PATCH", "2.0/mlflow/model-versions/update", update_model_version, rule::kEditModel, "Describe a model version"},
    {"POST", "2.0/mlflow/model-versions/transition-stage", transition_stage, rule::kEditModel,
     "Move a version to a stage"},
    {"POST", "2.0/mlflow/model-versions/set-tag", set_model_version_tag, rule::kEditModel, "Tag a model version"},
    {"DELETE", "2.0/mlflow/model-versions/delete-tag", delete_model_version_tag, rule::kManageModel,
     "Untag a model version"},
    {"DELETE", "2.0/mlflow/model-versions/delete", delete_model_version, rule::kManageModel, "Delete a model version"},

    {"GET", "2.0/mlflow-artifacts/artifacts", list_artifacts, rule::kListArtifacts, "List a folder of artifacts"},
    {"POST", "2.0/mlflow-artifacts/mpu/complete/{folder*}", finish_parts, rule::kEditFolder,
     "Finish an upload in parts"},
    {"POST", "2.0/mlflow-artifacts/mpu/abort/{folder*}", abort_parts, rule::kEditFolder, "Give up an upload in parts"},
    {"GET", "2.0/mlflow-artifacts/presigned/{artifact*}", get_direct_url, rule::kReadArtifactByName,
     "Where the store gives out an artifact"},
    {"DELETE", "2.0/mlflow-artifacts/artifacts/{whole_path*}", delete_artifact, rule::kDeleteArtifacts,
     "Delete an artifact or folder"},

    {"POST", "3.0/mlflow/traces", start_trace, rule::kReportTrace, "Report a trace"},
    {"POST", "3.0/mlflow/traces/search", search_traces, rule::kSearch, "Search traces"},
    {"POST", "3.0/mlflow/traces/batchGetInfos", batch_get_trace_infos, rule::kReadTraces,
     "Several traces without their spans"},
    {"POST", "3.0/mlflow/traces/calculate-filter-correlation", correlate_trace_filters, rule::kReadExperiments,
     "How two filters of traces hang together"},
    {"POST", "3.0/mlflow/traces/metrics", query_trace_metrics, rule::kReadExperiments,
     "Metrics of traces, spans or assessments"},
    {"POST", "2.0/mlflow/traces/link-to-run", link_traces_to_run, rule::kLinkTraces, "Put traces into a run"},
    {"POST", "2.0/mlflow/traces/link-prompts", link_prompts_to_trace, rule::kEditTrace,
     "Say which prompts a trace used"},
    {"POST", "2.0/mlflow/traces", begin_old_trace, rule::kEditExperiment, "Begin a trace the old way"},
    {"GET", "2.0/mlflow/traces", search_old_traces, rule::kSearch, "Search traces the old way"},
    {"PATCH", "2.0/mlflow/traces/{trace_id}", end_old_trace, rule::kEditTrace, "End a trace the old way"},
    {"GET", "2.0/mlflow/traces/{trace_id}/info", get_old_trace, rule::kReadTrace, "Get a trace the old way"},
    {"POST", "2.0/mlflow/traces/delete-traces", delete_traces, rule::kManageExperiment, "Delete traces"},
    {"PATCH", "2.0/mlflow/traces/{trace_id}/tags", set_trace_tag, rule::kEditTrace, "Tag a trace"},
    {"DELETE", "2.0/mlflow/traces/{trace_id}/tags", delete_trace_tag, rule::kEditTrace, "Untag a trace"},
    {"GET", "3.0/mlflow/traces/{trace_id}", get_trace_info, rule::kReadTrace, "Get a trace without its spans"},
    {"POST", "3.0/mlflow/traces/delete-traces", delete_traces, rule::kManageExperiment, "Delete traces"},
    {"POST", "3.0/mlflow/traces/link-to-run", link_traces_to_run, rule::kLinkTraces, "Put traces into a run"},
    {"POST", "3.0/mlflow/traces/link-prompts", link_prompts_to_trace, rule::kEditTrace,
     "Say which prompts a trace used"},
    {"PATCH", "3.0/mlflow/traces/{trace_id}/tags", set_trace_tag, rule::kEditTrace, "Tag a trace"},
    {"DELETE", "3.0/mlflow/traces/{trace_id}/tags", delete_trace_tag, rule::kEditTrace, "Untag a trace"},
    {"POST", "3.0/mlflow/traces/{trace_id}/assessments", create_assessment, rule::kEditTrace, "Assess a trace"},
    {"GET", "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}", get_assessment, rule::kReadTrace,
     "Get an assessment"},
    {"PATCH", "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}", update_assessment, rule::kEditTrace,
     "Change an assessment"},
    {"DELETE", "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}", delete_assessment, rule::kEditTrace,
     "Delete an assessment"},

    {"POST", "3.0/mlflow/datasets/create", create_evaluation_dataset, rule::kEditSomeExperiments,
     "Create an evaluation dataset"},
    {"POST", "3.0/mlflow/datasets/search", search_evaluation_datasets, rule::kReadSomeExperiments,
     "Search evaluation datasets"},
    {"GET", "3.0/mlflow/datasets/search", search_evaluation_datasets, rule::kReadSomeExperiments,
     "Search evaluation datasets"},
    {"GET", "3.0/mlflow/datasets/{dataset_id}", get_evaluation_dataset, rule::kReadDataset,
     "Get an evaluation dataset without its records"},
    {"DELETE", "3.0/mlflow/datasets/{dataset_id}", delete_evaluation_dataset, rule::kManageDataset,
     "Delete an evaluation dataset"},
    {"PATCH", "3.0/mlflow/datasets/{dataset_id}/tags", set_evaluation_dataset_tags, rule::kEditDataset,
     "Tag an evaluation dataset"},
    {"DELETE", "3.0/mlflow/datasets/{dataset_id}/tags/{key}", delete_evaluation_dataset_tag, rule::kEditDataset,
     "Untag an evaluation dataset"},
    {"GET", "3.0/mlflow/datasets/{dataset_id}/experiment-ids", get_evaluation_dataset_experiments, rule::kReadDataset,
     "The experiments of an evaluation dataset"},
    {"POST", "3.0/mlflow/datasets/{dataset_id}/add-experiments", add_evaluation_dataset_to_experiments,
     rule::kShareDataset, "Put an evaluation dataset into experiments"},
    {"POST", "3.0/mlflow/datasets/{dataset_id}/remove-experiments", remove_evaluation_dataset_from_experiments,
     rule::kEditDataset, "Take an evaluation dataset out of experiments"},
    {"POST", "3.0/mlflow/datasets/{dataset_id}/records", upsert_evaluation_records, rule::kEditDataset,
     "Add or change records"},
    {"GET", "3.0/mlflow/datasets/{dataset_id}/records", get_evaluation_records, rule::kReadDataset, "Page of records"},
    {"DELETE", "3.0/mlflow/datasets/{dataset_id}/records", delete_evaluation_records, rule::kEditDataset,
     "Delete records"},

    {"POST", "3.0/mlflow/scorers/register", register_scorer, rule::kEditExperiment, "Register a scorer's next version"},
    {"GET", "3.0/mlflow/scorers/list", list_scorers, rule::kReadExperiment, "Latest version of every scorer"},
    {"GET", "3.0/mlflow/scorers/versions", list_scorer_versions, rule::kReadExperiment, "All versions of a scorer"},
    {"GET", "3.0/mlflow/scorers/get", get_scorer, rule::kReadExperiment, "Get a version of a scorer"},
    {"DELETE", "3.0/mlflow/scorers/delete", delete_scorer, rule::kManageExperiment, "Delete a scorer or a version"},
    {"PUT", "3.0/mlflow/scorers/online-config", set_online_scoring, rule::kEditExperiment,
     "Say which new traces a scorer is to judge"},
    {"GET", "3.0/mlflow/scorers/online-configs", get_online_scorings, rule::kReadScorers,
     "Which new traces scorers are to judge"},

    {"POST", "3.0/mlflow/issues", create_issue, rule::kEditExperiment, "Tell an issue"},
    {"POST", "3.0/mlflow/issues/search", search_issues, rule::kReadSomeExperiment, "Search issues"},
    {"GET", "3.0/mlflow/issues/{issue_id}", get_issue, rule::kReadIssue, "Get an issue"},
    {"PATCH", "3.0/mlflow/issues/{issue_id}", update_issue, rule::kEditIssue, "Change an issue"},

    {"POST", "2.0/mlflow/webhooks", create_webhook, rule::kAdmin, "Create a webhook"},
    {"GET", "2.0/mlflow/webhooks", list_webhooks, rule::kAdmin, "List webhooks"},
    {"GET", "2.0/mlflow/webhooks/{webhook_id}", get_webhook, rule::kAdmin, "Get a webhook"},
    {"PATCH", "2.0/mlflow/webhooks/{webhook_id}", update_webhook, rule::kAdmin, "Change a webhook"},
    {"DELETE", "2.0/mlflow/webhooks/{webhook_id}", delete_webhook, rule::kAdmin, "Delete a webhook"},
    {"POST", "2.0/mlflow/webhooks/{webhook_id}/test", test_webhook, rule::kAdmin, "Call a webhook with an example"},

    {"GET", "3.0/mlflow/server-info", server_info, rule::kSearch, "What this server can do"},
};

constexpr RawCall kRawCalls[] = {
    {"GET", "2.0/mlflow/metrics/get-history", get_metric_history, Carries::kFields, rule::kReadRun,
     "All points of one metric"},
    {"PUT", "2.0/mlflow-artifacts/artifacts/{whole_path*}", put_artifact, Carries::kBytes, rule::kEditArtifact,
     "Store an artifact"},
    {"POST", "2.0/mlflow-artifacts/mpu/create/{folder*}", begin_parts, Carries::kFields, rule::kEditFolder,
     "Begin an upload in parts"},
    {"PUT", "2.0/mlflow-artifacts/mpu/part/{path*}", put_part, Carries::kBytes, rule::kEditArtifact,
     "Store one part of an upload"},
    {"GET", "2.0/mlflow-artifacts/artifacts/{whole_path*}", get_artifact, Carries::kBytes, rule::kReadArtifact,
     "Fetch an artifact"},
    {"GET", "3.0/mlflow/traces/get", get_trace, Carries::kFields, rule::kReadTrace, "Get a trace with its spans"},
    {"GET", "3.0/mlflow/traces/batchGet", batch_get_traces, Carries::kFields, rule::kReadTraces,
     "Several traces with their spans"},
    {"GET", "2.0/mlflow/get-trace-artifact", get_trace_artifact, Carries::kBytes, rule::kReadTraceByRequest,
     "A trace's spans or attachment as a file"},
    {"GET", "3.0/mlflow/get-trace-artifact", get_trace_artifact, Carries::kBytes, rule::kReadTraceByRequest,
     "A trace's spans or attachment as a file"},
};

// The model gateway's own things; the calls that it passes on stand at the root.
constexpr JsonCall kGatewayCalls[] = {
    {"POST", "secrets/create", create_gateway_secret, rule::kCreate, "Keep a provider's secret"},
    {"GET", "secrets/get", get_gateway_secret, rule::kReadSecret, "A secret without its values"},
    {"POST", "secrets/update", update_gateway_secret, rule::kEditSecret, "Give a secret new values"},
    {"DELETE", "secrets/delete", delete_gateway_secret, rule::kManageSecret, "Delete a secret"},
    {"GET", "secrets/list", list_gateway_secrets, rule::kSearch, "Secrets without their values"},
    {"POST", "model-definitions/create", create_model_definition, rule::kCreateDefinition, "Define a provider's model"},
    {"GET", "model-definitions/get", get_model_definition, rule::kReadDefinition, "Get a model definition"},
    {"POST", "model-definitions/update", update_model_definition, rule::kEditDefinition, "Change a model definition"},
    {"DELETE", "model-definitions/delete", delete_model_definition, rule::kManageDefinition,
     "Delete a model definition"},
    {"GET", "model-definitions/list", list_model_definitions, rule::kSearch, "List model definitions"},
    {"POST", "endpoints/create", create_gateway_endpoint, rule::kCreateEndpoint, "Make an endpoint of models"},
    {"GET", "endpoints/get", get_gateway_endpoint, rule::kReadEndpoint, "Get an endpoint with its models"},
    {"POST", "endpoints/update", update_gateway_endpoint, rule::kChangeEndpoint, "Change an endpoint"},
    {"DELETE", "endpoints/delete", delete_gateway_endpoint, rule::kManageEndpoint, "Delete an endpoint"},
    {"GET", "endpoints/list", list_gateway_endpoints, rule::kSearch, "List endpoints"},
    {"POST", "endpoints/models/attach", attach_model, rule::kAttachModel, "Give an endpoint one more model"},
    {"POST", "endpoints/models/detach", detach_model, rule::kEditEndpoint, "Take a model from an endpoint"},
    {"POST", "endpoints/set-tag", set_endpoint_tag, rule::kEditEndpoint, "Tag an endpoint"},
    {"DELETE", "endpoints/delete-tag", delete_endpoint_tag, rule::kEditEndpoint, "Untag an endpoint"},
    {"POST", "endpoints/bindings/create", create_endpoint_binding, rule::kEditEndpoint, "Say who uses an endpoint"},
    {"DELETE", "endpoints/bindings/delete", delete_endpoint_binding, rule::kEditEndpoint,
     "Say who uses an endpoint no more"},
    {"GET", "endpoints/bindings/list", list_endpoint_bindings, rule::kReadBindings, "Who uses an endpoint"},
};

// What only MLflow's web page asks for, below /ajax-api.
constexpr JsonCall kPageCalls[] = {
    {"GET", "3.0/mlflow/ui-telemetry", get_page_telemetry, rule::kSearch, "What the page may report: nothing"},
    {"POST", "3.0/mlflow/ui-telemetry", refuse_page_telemetry, rule::kSearch,
     "Reports of the page, which are not kept"},
    {"GET", "2.0/mlflow/gateway-proxy", list_deployed_endpoints, rule::kSearch,
     "Endpoints of a deployment server: none"},
    {"GET", "3.0/mlflow/gateway/supported-providers", list_providers, rule::kSearch, "Providers that can be called"},
    {"GET", "3.0/mlflow/gateway/supported-models", list_provider_models, rule::kSearch, "Some of their models"},
    {"GET", "3.0/mlflow/gateway/provider-config", get_provider_config, rule::kSearch,
     "What a provider wants to know of a caller"},
    {"GET", "3.0/mlflow/gateway/secrets/config", get_secrets_config, rule::kSearch, "How secrets are kept"},
    {"GET", "3.0/mlflow/assistant/config", get_assistant_config, rule::kSearch, "Set-up of the assistant: none"},
    {"GET", "3.0/mlflow/assistant/providers", list_assistant_providers, rule::kSearch,
     "Models that an assistant could use: none"},
    {"GET", "3.0/mlflow/mcp-servers", list_mcp_servers, rule::kSearch, "Registered MCP servers: none"},
    {"GET", "3.0/mlflow/mcp-servers/endpoints", list_mcp_endpoints, rule::kSearch,
     "Where MCP servers are reached: nowhere"},
    {"GET", "3.0/mlflow/review-queues/list", list_review_queues, rule::kReadExperiment, "Queues of reviews: none"},
    {"GET", "3.0/mlflow/label-schemas/list", list_label_schemas, rule::kReadExperiment, "What reviewers ask: nothing"},
};

constexpr RawCall kRawPageCalls[] = {
    {"POST", "2.0/mlflow/upload-artifact", upload_run_artifact, Carries::kBytes, rule::kEditRun,
     "Store a small artifact of a run"},
    {"GET", "2.0/mlflow/logged-models/{model_id}/artifacts/files", get_logged_model_artifact, Carries::kBytes,
     rule::kReadLoggedModel, "Fetch an artifact of a logged model"},
};

// Users and permissions, as MLflow's basic-auth app has them; the second half is how older clients share things.
constexpr JsonCall kUserCalls[] = {
    {"POST", "2.0/mlflow/users/create", create_user, rule::kAdmin, "Create a user"},
    {"GET", "2.0/mlflow/users/get", get_user, rule::kUser, "Get a user"},
    {"GET", "2.0/mlflow/users/current", get_current_user, rule::kSearch, "Who am I?"},
    {"GET", "2.0/mlflow/users/list", list_users, rule::kAdmin, "All users"},
    {"PATCH", "2.0/mlflow/users/update-password", update_user_password, rule::kChangeUser, "Change a password"},
    {"PATCH", "2.0/mlflow/users/update-admin", update_user_admin, rule::kAdmin, "Make or unmake an administrator"},
    {"DELETE", "2.0/mlflow/users/delete", delete_user, rule::kAdmin, "Delete a user with his permissions"},
    {"GET", "3.0/mlflow/users/current/permissions", list_own_permissions, rule::kSearch, "What I may do"},
    {"GET", "3.0/mlflow/users/permissions/list", list_user_permissions, rule::kUser, "What a user may do"},
    {"POST", "3.0/mlflow/users/permissions/grant", grant_permission, rule::kShare, "Give a permission"},
    {"POST", "3.0/mlflow/users/permissions/revoke", revoke_permission, rule::kShare, "Take a permission away"},
    {"GET", "3.0/mlflow/users/permissions/get", get_effective_permission, rule::kUser,
     "What a user may do with one thing"},

    {"POST", "2.0/mlflow/experiments/permissions/create", create_experiment_permission, rule::kManageExperiment,
     "Give a permission on an experiment"},
    {"GET", "2.0/mlflow/experiments/permissions/get", get_experiment_permission, rule::kManageExperiment,
     "A user's permission on an experiment"},
    {"PATCH", "2.0/mlflow/experiments/permissions/update", update_experiment_permission, rule::kManageExperiment,
     "Change a permission on an experiment"},
    {"DELETE", "2.0/mlflow/experiments/permissions/delete", delete_experiment_permission, rule::kManageExperiment,
     "Take a permission on an experiment away"},
    {"POST", "2.0/mlflow/registered-models/permissions/create", create_model_permission, rule::kManageModel,
     "Give a permission on a registered model"},
    {"GET", "2.0/mlflow/registered-models/permissions/get", get_model_permission, rule::kManageModel,
     "A user's permission on a registered model"},
    {"PATCH", "2.0/mlflow/registered-models/permissions/update", update_model_permission, rule::kManageModel,
     "Change a permission on a registered model"},
    {"DELETE", "2.0/mlflow/registered-models/permissions/delete", delete_model_permission, rule::kManageModel,
     "Take a permission on a registered model away"},
};

// These stand at the root.
constexpr RawCall kRootCalls[] = {
    {"POST", "/graphql", graphql_query, Carries::kFields, rule::kSearch, "Runs and experiments by GraphQL"},
    {"GET", "/get-artifact", get_run_artifact, Carries::kBytes, rule::kReadRun, "Fetch an artifact of a run"},
    {"GET", "/model-versions/get-artifact", get_version_artifact, Carries::kBytes, rule::kReadModel,
     "Fetch an artifact of a model version"},
    {"POST", "/gateway/{endpoint_name}/mlflow/invocations", invoke_endpoint, Carries::kFields, rule::kUseEndpoint,
     "Ask an endpoint's models: a chat or embeddings"},
    {"POST", "/gateway/mlflow/v1/chat/completions", complete_chat, Carries::kFields, rule::kUseEndpointAsModel,
     "A chat as OpenAI's clients ask for it, with any provider"},
    {"GET", "/gateway/mlflow/v1/models", list_endpoint_models, Carries::kBytes, rule::kSearch,
     "Endpoints as OpenAI's clients list models"},
    {"POST", "/gateway/openai/v1/chat/completions", pass_openai_chat, Carries::kFields, rule::kUseEndpointAsModel,
     "A chat, passed on as it is"},
    {"POST", "/gateway/openai/v1/embeddings", pass_openai_embeddings, Carries::kFields, rule::kUseEndpointAsModel,
     "Embeddings, passed on as they are"},
    {"POST", "/gateway/openai/v1/responses", pass_openai_responses, Carries::kFields, rule::kUseEndpointAsModel,
     "OpenAI's responses, passed on as they are"},
    {"POST", "/gateway/anthropic/v1/messages", pass_anthropic_messages, Carries::kFields, rule::kUseEndpointAsModel,
     "Anthropic's messages, passed on as they are"},
    {"GET", "/health", health, Carries::kBytes, rule::kPublic, "Is the server up?"},
    {"GET", "/version", version, Carries::kBytes, rule::kPublic, "The MLflow version whose API is served"},
};

http::Handler guarded(http::Handler handler) {
  return [handler = std::move(handler)](http::Request& request) {
    try {
      return handler(request);
    } catch (const Error& error) {
      return response_of(error, request);
    } catch (const std::exception& error) {
      return response_of(error, request);
    }
  };
}

Services for_caller(const Services& services, const http::Request& request) {
  Services out = services;
  out.caller = &identity::caller_of(request);
  return out;
}

http::Handler handler_of(const Services& services, const JsonCall& call) {
  return guarded([services, handler = call.handler, rule = call.rule](http::Request& request) {
    const Services ours = for_caller(services, request);
    const Input input = Input::of(request);
    authorize(ours, rule, input);
    return http::Response::json(200, handler(ours, input));
  });
}

http::Handler handler_of(const Services& services, const RawCall& call) {
  return guarded([services, handler = call.handler, carries = call.carries, rule = call.rule](http::Request& request) {
    const Services ours = for_caller(services, request);
    const Input input = carries == Carries::kFields ? Input::of(request) : Input::of_address(request);
    authorize(ours, rule, input);
    return handler(ours, input, request);
  });
}

template <typename Call>
http::Route route(const Services& services, const Call& call, std::string pattern) {
  return {std::string(call.method), std::move(pattern), handler_of(services, call),
          std::string(call.rule.route_permission()), std::string(call.summary)};
}

}  // namespace

std::vector<http::Route> routes(const Services& services) {
  std::vector<http::Route> out;
  for (const std::string_view prefix : {"/api/", "/ajax-api/"}) {
    for (const JsonCall& call : kCalls) out.push_back(route(services, call, text::concat(prefix, call.path)));
    for (const RawCall& call : kRawCalls) out.push_back(route(services, call, text::concat(prefix, call.path)));
    for (const JsonCall& call : kGatewayCalls)
      out.push_back(route(services, call, text::concat(prefix, "3.0/mlflow/gateway/", call.path)));
  }
  for (const JsonCall& call : kPageCalls) out.push_back(route(services, call, text::concat("/ajax-api/", call.path)));
  for (const RawCall& call : kRawPageCalls) out.push_back(route(services, call, text::concat("/ajax-api/", call.path)));
  if (services.accounts != nullptr) {
    for (const std::string_view prefix : {"/api/", "/ajax-api/"})
      for (const JsonCall& call : kUserCalls) out.push_back(route(services, call, text::concat(prefix, call.path)));
  }
  for (const RawCall& call : kRootCalls) out.push_back(route(services, call, std::string(call.path)));
  return out;
}

}  // namespace slipway::mlflow
