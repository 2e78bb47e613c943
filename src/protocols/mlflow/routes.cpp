// The one table of MLflow's calls.
#include <string>

#include "protocols/mlflow/errors.h"
#include "protocols/mlflow/handlers.h"

namespace slipway::mlflow {

namespace {

constexpr std::string_view kRead = "tracking.read";
constexpr std::string_view kWrite = "tracking.write";

struct JsonCall {
  std::string_view method;
  std::string_view path;  // below /api and /ajax-api
  JsonHandler handler;
  std::string_view permission;
  std::string_view summary;
};

struct RawCall {
  std::string_view method;
  std::string_view path;
  RawHandler handler;
  std::string_view permission;
  std::string_view summary;
};

constexpr JsonCall kCalls[] = {
    {"POST", "2.0/mlflow/experiments/create", create_experiment, kWrite, "Create an experiment"},
    {"GET", "2.0/mlflow/experiments/get", get_experiment, kRead, "Get an experiment"},
    {"GET", "2.0/mlflow/experiments/get-by-name", get_experiment_by_name, kRead, "Get an experiment by its name"},
    {"POST", "2.0/mlflow/experiments/search", search_experiments, kRead, "Search experiments"},
    {"GET", "2.0/mlflow/experiments/search", search_experiments, kRead, "Search experiments"},
    {"POST", "2.0/mlflow/experiments/update", update_experiment, kWrite, "Rename an experiment"},
    {"POST", "2.0/mlflow/experiments/delete", delete_experiment, kWrite, "Delete an experiment with its runs"},
    {"POST", "2.0/mlflow/experiments/restore", restore_experiment, kWrite, "Restore an experiment with its runs"},
    {"POST", "2.0/mlflow/experiments/set-experiment-tag", set_experiment_tag, kWrite, "Tag an experiment"},
    {"POST", "2.0/mlflow/experiments/delete-experiment-tag", delete_experiment_tag, kWrite, "Untag an experiment"},
    {"POST", "2.0/mlflow/experiments/search-datasets", search_datasets, kRead, "Datasets that runs used"},

    {"POST", "2.0/mlflow/runs/create", create_run, kWrite, "Start a run"},
    {"GET", "2.0/mlflow/runs/get", get_run, kRead, "Get a run"},
    {"POST", "2.0/mlflow/runs/update", update_run, kWrite, "Change a run's status, end or name"},
    {"POST", "2.0/mlflow/runs/delete", delete_run, kWrite, "Delete a run"},
    {"POST", "2.0/mlflow/runs/restore", restore_run, kWrite, "Restore a run"},
    {"POST", "2.0/mlflow/runs/search", search_runs, kRead, "Search runs"},
    {"POST", "2.0/mlflow/runs/log-metric", log_metric, kWrite, "Log one metric point"},
    {"POST", "2.0/mlflow/runs/log-parameter", log_parameter, kWrite, "Log one param"},
    {"POST", "2.0/mlflow/runs/set-tag", set_tag, kWrite, "Tag a run"},
    {"POST", "2.0/mlflow/runs/delete-tag", delete_tag, kWrite, "Untag a run"},
    {"POST", "2.0/mlflow/runs/log-batch", log_batch, kWrite, "Log metrics, params and tags together"},
    {"POST", "2.0/mlflow/runs/log-inputs", log_inputs, kWrite, "Log the datasets and models a run used"},
    {"POST", "2.0/mlflow/runs/outputs", log_outputs, kWrite, "Log the models a run made"},
    {"POST", "2.0/mlflow/runs/log-model", log_model, kWrite, "Record a model the old way"},
    {"GET", "2.0/mlflow/metrics/get-history-bulk", get_metric_history_bulk, kRead, "Points of one metric of many runs"},
    {"GET", "2.0/mlflow/metrics/get-history-bulk-interval", get_metric_history_bulk_interval, kRead,
     "Even samples of one metric of many runs"},
    {"GET", "2.0/mlflow/artifacts/list", list_run_artifacts, kRead, "List a run's artifacts"},

    {"POST", "2.0/mlflow/logged-models", create_logged_model, kWrite, "Create a logged model"},
    {"POST", "2.0/mlflow/logged-models/search", search_logged_models, kRead, "Search logged models"},
    {"GET", "2.0/mlflow/logged-models/{model_id}", get_logged_model, kRead, "Get a logged model"},
    {"PATCH", "2.0/mlflow/logged-models/{model_id}", finish_logged_model, kWrite, "Finish a logged model"},
    {"DELETE", "2.0/mlflow/logged-models/{model_id}", delete_logged_model, kWrite, "Delete a logged model"},
    {"PATCH", "2.0/mlflow/logged-models/{model_id}/tags", set_logged_model_tags, kWrite, "Tag a logged model"},
    {"DELETE", "2.0/mlflow/logged-models/{model_id}/tags/{tag_key}", delete_logged_model_tag, kWrite,
     "Untag a logged model"},
    {"POST", "2.0/mlflow/logged-models/{model_id}/params", log_logged_model_params, kWrite,
     "Log params of a logged model"},
    {"GET", "2.0/mlflow/logged-models/{model_id}/artifacts/directories", list_logged_model_artifacts, kRead,
     "List a logged model's artifacts"},

    {"POST", "2.0/mlflow/registered-models/create", create_registered_model, kWrite, "Register a model name"},
    {"GET", "2.0/mlflow/registered-models/get", get_registered_model, kRead, "Get a registered model"},
    {"GET", "2.0/mlflow/registered-models/search", search_registered_models, kRead, "Search registered models"},
    {"POST", "2.0/mlflow/registered-models/rename", rename_registered_model, kWrite, "Rename a registered model"},
    {"PATCH", "2.0/mlflow/registered-models/update", update_registered_model, kWrite, "Describe a registered model"},
    {"DELETE", "2.0/mlflow/registered-models/delete", delete_registered_model, kWrite, "Delete a registered model"},
    {"POST", "2.0/mlflow/registered-models/set-tag", set_registered_model_tag, kWrite, "Tag a registered model"},
    {"DELETE", "2.0/mlflow/registered-models/delete-tag", delete_registered_model_tag, kWrite,
     "Untag a registered model"},
    {"POST", "2.0/mlflow/registered-models/get-latest-versions", get_latest_versions, kRead,
     "Highest version per stage"},
    {"GET", "2.0/mlflow/registered-models/get-latest-versions", get_latest_versions, kRead,
     "Highest version per stage"},
    {"POST", "2.0/mlflow/registered-models/alias", set_alias, kWrite, "Point an alias at a version"},
    {"GET", "2.0/mlflow/registered-models/alias", get_by_alias, kRead, "The version behind an alias"},
    {"DELETE", "2.0/mlflow/registered-models/alias", delete_alias, kWrite, "Delete an alias"},

    {"POST", "2.0/mlflow/model-versions/create", create_model_version, kWrite, "Create a model version"},
    {"GET", "2.0/mlflow/model-versions/get", get_model_version, kRead, "Get a model version"},
    {"GET", "2.0/mlflow/model-versions/search", search_model_versions, kRead, "Search model versions"},
    {"GET", "2.0/mlflow/model-versions/get-download-uri", get_download_uri, kRead, "Where a version's files are"},
    {"PATCH", "2.0/mlflow/model-versions/update", update_model_version, kWrite, "Describe a model version"},
    {"POST", "2.0/mlflow/model-versions/transition-stage", transition_stage, kWrite, "Move a version to a stage"},
    {"POST", "2.0/mlflow/model-versions/set-tag", set_model_version_tag, kWrite, "Tag a model version"},
    {"DELETE", "2.0/mlflow/model-versions/delete-tag", delete_model_version_tag, kWrite, "Untag a model version"},
    {"DELETE", "2.0/mlflow/model-versions/delete", delete_model_version, kWrite, "Delete a model version"},

    {"GET", "2.0/mlflow-artifacts/artifacts", list_artifacts, kRead, "List a folder of artifacts"},
    {"POST", "2.0/mlflow-artifacts/mpu/complete/{folder*}", finish_parts, kWrite, "Finish an upload in parts"},
    {"POST", "2.0/mlflow-artifacts/mpu/abort/{folder*}", abort_parts, kWrite, "Give up an upload in parts"},
    {"GET", "2.0/mlflow-artifacts/presigned/{artifact*}", get_direct_url, kRead,
     "Where the store gives out an artifact"},
    {"DELETE", "2.0/mlflow-artifacts/artifacts/{path*}", delete_artifact, kWrite, "Delete an artifact or folder"},

    {"POST", "3.0/mlflow/traces", start_trace, kWrite, "Report a trace"},
    {"POST", "3.0/mlflow/traces/search", search_traces, kRead, "Search traces"},
    {"POST", "3.0/mlflow/traces/batchGetInfos", batch_get_trace_infos, kRead, "Several traces without their spans"},
    {"POST", "3.0/mlflow/traces/calculate-filter-correlation", correlate_trace_filters, kRead,
     "How two filters of traces hang together"},
    {"POST", "3.0/mlflow/traces/metrics", query_trace_metrics, kRead, "Metrics of traces, spans or assessments"},
    {"POST", "2.0/mlflow/traces/link-to-run", link_traces_to_run, kWrite, "Put traces into a run"},
    {"POST", "2.0/mlflow/traces/link-prompts", link_prompts_to_trace, kWrite, "Say which prompts a trace used"},
    {"POST", "2.0/mlflow/traces", begin_old_trace, kWrite, "Begin a trace the old way"},
    {"GET", "2.0/mlflow/traces", search_old_traces, kRead, "Search traces the old way"},
    {"PATCH", "2.0/mlflow/traces/{trace_id}", end_old_trace, kWrite, "End a trace the old way"},
    {"GET", "2.0/mlflow/traces/{trace_id}/info", get_old_trace, kRead, "Get a trace the old way"},
    {"POST", "2.0/mlflow/traces/delete-traces", delete_traces, kWrite, "Delete traces"},
    {"PATCH", "2.0/mlflow/traces/{trace_id}/tags", set_trace_tag, kWrite, "Tag a trace"},
    {"DELETE", "2.0/mlflow/traces/{trace_id}/tags", delete_trace_tag, kWrite, "Untag a trace"},
    {"GET", "3.0/mlflow/traces/{trace_id}", get_trace_info, kRead, "Get a trace without its spans"},
    {"POST", "3.0/mlflow/traces/delete-traces", delete_traces, kWrite, "Delete traces"},
    {"POST", "3.0/mlflow/traces/link-to-run", link_traces_to_run, kWrite, "Put traces into a run"},
    {"POST", "3.0/mlflow/traces/link-prompts", link_prompts_to_trace, kWrite, "Say which prompts a trace used"},
    {"PATCH", "3.0/mlflow/traces/{trace_id}/tags", set_trace_tag, kWrite, "Tag a trace"},
    {"DELETE", "3.0/mlflow/traces/{trace_id}/tags", delete_trace_tag, kWrite, "Untag a trace"},
    {"POST", "3.0/mlflow/traces/{trace_id}/assessments", create_assessment, kWrite, "Assess a trace"},
    {"GET", "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}", get_assessment, kRead, "Get an assessment"},
    {"PATCH", "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}", update_assessment, kWrite,
     "Change an assessment"},
    {"DELETE", "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}", delete_assessment, kWrite,
     "Delete an assessment"},

    {"GET", "3.0/mlflow/server-info", server_info, "", "What this server can do"},
};

constexpr RawCall kRawCalls[] = {
    {"GET", "2.0/mlflow/metrics/get-history", get_metric_history, kRead, "All points of one metric"},
    {"PUT", "2.0/mlflow-artifacts/artifacts/{path*}", put_artifact, kWrite, "Store an artifact"},
    {"POST", "2.0/mlflow-artifacts/mpu/create/{folder*}", begin_parts, kWrite, "Begin an upload in parts"},
    {"PUT", "2.0/mlflow-artifacts/mpu/part/{path*}", put_part, kWrite, "Store one part of an upload"},
    {"GET", "2.0/mlflow-artifacts/artifacts/{path*}", get_artifact, kRead, "Fetch an artifact"},
    {"GET", "3.0/mlflow/traces/get", get_trace, kRead, "Get a trace with its spans"},
    {"GET", "3.0/mlflow/traces/batchGet", batch_get_traces, kRead, "Several traces with their spans"},
    {"GET", "2.0/mlflow/get-trace-artifact", get_trace_artifact, kRead, "A trace's spans or attachment as a file"},
    {"GET", "3.0/mlflow/get-trace-artifact", get_trace_artifact, kRead, "A trace's spans or attachment as a file"},
};

// What only MLflow's web page asks for, below /ajax-api.
constexpr JsonCall kPageCalls[] = {
    {"GET", "3.0/mlflow/ui-telemetry", get_page_telemetry, kRead, "What the page may report: nothing"},
    {"POST", "3.0/mlflow/ui-telemetry", refuse_page_telemetry, kRead, "Reports of the page, which are not kept"},
    {"GET", "2.0/mlflow/gateway-proxy", list_gateway_endpoints, kRead, "Model endpoints to try prompts on: none"},
};

constexpr RawCall kRawPageCalls[] = {
    {"POST", "2.0/mlflow/upload-artifact", upload_run_artifact, kWrite, "Store a small artifact of a run"},
    {"GET", "2.0/mlflow/logged-models/{model_id}/artifacts/files", get_logged_model_artifact, kRead,
     "Fetch an artifact of a logged model"},
};

// These stand at the root.
constexpr RawCall kRootCalls[] = {
    {"POST", "/graphql", graphql_query, kRead, "Runs and experiments by GraphQL"},
    {"GET", "/get-artifact", get_run_artifact, kRead, "Fetch an artifact of a run"},
    {"GET", "/model-versions/get-artifact", get_version_artifact, kRead, "Fetch an artifact of a model version"},
    {"GET", "/health", health, "", "Is the server up?"},
    {"GET", "/version", version, "", "The MLflow version whose API is served"},
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

http::Handler handler_of(const Services& services, JsonHandler handler) {
  return guarded([services, handler](http::Request& request) {
    return http::Response::json(200, handler(services, Input::of(request)));
  });
}

http::Handler handler_of(const Services& services, RawHandler handler) {
  return guarded([services, handler](http::Request& request) { return handler(services, request); });
}

template <typename Call>
http::Route route(const Services& services, const Call& call, std::string pattern) {
  return {std::string(call.method), std::move(pattern), handler_of(services, call.handler),
          std::string(call.permission), std::string(call.summary)};
}

}  // namespace

std::vector<http::Route> routes(const Services& services) {
  std::vector<http::Route> out;
  for (const std::string_view prefix : {"/api/", "/ajax-api/"}) {
    for (const JsonCall& call : kCalls) out.push_back(route(services, call, text::concat(prefix, call.path)));
    for (const RawCall& call : kRawCalls) out.push_back(route(services, call, text::concat(prefix, call.path)));
  }
  for (const JsonCall& call : kPageCalls) out.push_back(route(services, call, text::concat("/ajax-api/", call.path)));
  for (const RawCall& call : kRawPageCalls) out.push_back(route(services, call, text::concat("/ajax-api/", call.path)));
  for (const RawCall& call : kRootCalls) out.push_back(route(services, call, std::string(call.path)));
  return out;
}

}  // namespace slipway::mlflow
