// One function per call: decode, ask a domain once, encode. routes.cpp says where each is mounted.
#pragma once

#include <string>

#include "protocols/mlflow/input.h"
#include "protocols/mlflow/mount.h"

namespace slipway::mlflow {

// Most calls take fields and answer JSON.
using JsonHandler = std::string (*)(const Services&, const Input&);
// The others see the request itself; fields they take from the input, which is what was asked permission for.
using RawHandler = http::Response (*)(const Services&, const Input&, http::Request&);

std::string create_experiment(const Services& services, const Input& input);
std::string get_experiment(const Services& services, const Input& input);
std::string get_experiment_by_name(const Services& services, const Input& input);
std::string search_experiments(const Services& services, const Input& input);
std::string update_experiment(const Services& services, const Input& input);
std::string delete_experiment(const Services& services, const Input& input);
std::string restore_experiment(const Services& services, const Input& input);
std::string set_experiment_tag(const Services& services, const Input& input);
std::string delete_experiment_tag(const Services& services, const Input& input);

std::string create_run(const Services& services, const Input& input);
std::string get_run(const Services& services, const Input& input);
std::string update_run(const Services& services, const Input& input);
std::string delete_run(const Services& services, const Input& input);
std::string restore_run(const Services& services, const Input& input);
std::string search_runs(const Services& services, const Input& input);
std::string log_metric(const Services& services, const Input& input);
std::string log_parameter(const Services& services, const Input& input);
std::string set_tag(const Services& services, const Input& input);
std::string delete_tag(const Services& services, const Input& input);
std::string log_batch(const Services& services, const Input& input);
std::string log_inputs(const Services& services, const Input& input);
std::string log_outputs(const Services& services, const Input& input);
std::string log_model(const Services& services, const Input& input);
std::string list_run_artifacts(const Services& services, const Input& input);

http::Response get_metric_history(const Services& services, const Input& input, http::Request& request);
std::string get_metric_history_bulk(const Services& services, const Input& input);
std::string get_metric_history_bulk_interval(const Services& services, const Input& input);

std::string create_logged_model(const Services& services, const Input& input);
std::string get_logged_model(const Services& services, const Input& input);
std::string finish_logged_model(const Services& services, const Input& input);
std::string delete_logged_model(const Services& services, const Input& input);
std::string search_logged_models(const Services& services, const Input& input);
std::string set_logged_model_tags(const Services& services, const Input& input);
std::string delete_logged_model_tag(const Services& services, const Input& input);
std::string log_logged_model_params(const Services& services, const Input& input);
std::string list_logged_model_artifacts(const Services& services, const Input& input);

std::string create_registered_model(const Services& services, const Input& input);
std::string get_registered_model(const Services& services, const Input& input);
std::string search_registered_models(const Services& services, const Input& input);
std::string rename_registered_model(const Services& services, const Input& input);
std::string update_registered_model(const Services& services, const Input& input);
std::string delete_registered_model(const Services& services, const Input& input);
std::string set_registered_model_tag(const Services& services, const Input& input);
std::string delete_registered_model_tag(const Services& services, const Input& input);
std::string get_latest_versions(const Services& services, const Input& input);
std::string set_alias(const Services& services, const Input& input);
std::string get_by_alias(const Services& services, const Input& input);
std::string delete_alias(const Services& services, const Input& input);

std::string create_model_version(const Services& services, const Input& input);
std::string get_model_version(const Services& services, const Input& input);
std::string search_model_versions(const Services& services, const Input& input);
std::string get_download_uri(const Services& services, const Input& input);
std::string update_model_version(const Services& services, const Input& input);
std::string transition_stage(const Services& services, const Input& input);
std::string set_model_version_tag(const Services& services, const Input& input);
std::string delete_model_version_tag(const Services& services, const Input& input);
std::string delete_model_version(const Services& services, const Input& input);

std::string list_artifacts(const Services& services, const Input& input);
std::string delete_artifact(const Services& services, const Input& input);
http::Response put_artifact(const Services& services, const Input& input, http::Request& request);
http::Response get_artifact(const Services& services, const Input& input, http::Request& request);

http::Response get_run_artifact(const Services& services, const Input& input, http::Request& request);
http::Response get_version_artifact(const Services& services, const Input& input, http::Request& request);
http::Response get_logged_model_artifact(const Services& services, const Input& input, http::Request& request);
http::Response upload_run_artifact(const Services& services, const Input& input, http::Request& request);
http::Response graphql_query(const Services& services, const Input& input, http::Request& request);
std::string search_datasets(const Services& services, const Input& input);
std::string get_page_telemetry(const Services& services, const Input& input);
std::string refuse_page_telemetry(const Services& services, const Input& input);
std::string list_deployed_endpoints(const Services& services, const Input& input);
std::string get_assistant_config(const Services& services, const Input& input);
std::string list_assistant_providers(const Services& services, const Input& input);
std::string list_mcp_servers(const Services& services, const Input& input);
std::string list_mcp_endpoints(const Services& services, const Input& input);
std::string list_review_queues(const Services& services, const Input& input);
std::string list_label_schemas(const Services& services, const Input& input);

http::Response begin_parts(const Services& services, const Input& input, http::Request& request);
http::Response put_part(const Services& services, const Input& input, http::Request& request);
std::string finish_parts(const Services& services, const Input& input);
std::string abort_parts(const Services& services, const Input& input);
std::string get_direct_url(const Services& services, const Input& input);

std::string start_trace(const Services& services, const Input& input);
std::string get_trace_info(const Services& services, const Input& input);
http::Response get_trace(const Services& services, const Input& input, http::Request& request);
http::Response batch_get_traces(const Services& services, const Input& input, http::Request& request);
std::string batch_get_trace_infos(const Services& services, const Input& input);
http::Response get_trace_artifact(const Services& services, const Input& input, http::Request& request);
std::string search_traces(const Services& services, const Input& input);
std::string set_trace_tag(const Services& services, const Input& input);
std::string delete_trace_tag(const Services& services, const Input& input);
std::string delete_traces(const Services& services, const Input& input);
std::string link_traces_to_run(const Services& services, const Input& input);
std::string link_prompts_to_trace(const Services& services, const Input& input);
std::string correlate_trace_filters(const Services& services, const Input& input);
std::string query_trace_metrics(const Services& services, const Input& input);
std::string begin_old_trace(const Services& services, const Input& input);
std::string end_old_trace(const Services& services, const Input& input);
std::string get_old_trace(const Services& services, const Input& input);
std::string search_old_traces(const Services& services, const Input& input);
std::vector<traces::TraceId> read_trace_ids(const Input& input, std::string_view name);

std::string create_assessment(const Services& services, const Input& input);
std::string get_assessment(const Services& services, const Input& input);
std::string update_assessment(const Services& services, const Input& input);
std::string delete_assessment(const Services& services, const Input& input);

std::string create_evaluation_dataset(const Services& services, const Input& input);
std::string get_evaluation_dataset(const Services& services, const Input& input);
std::string delete_evaluation_dataset(const Services& services, const Input& input);
std::string search_evaluation_datasets(const Services& services, const Input& input);
std::string set_evaluation_dataset_tags(const Services& services, const Input& input);
std::string delete_evaluation_dataset_tag(const Services& services, const Input& input);
std::string get_evaluation_dataset_experiments(const Services& services, const Input& input);
std::string add_evaluation_dataset_to_experiments(const Services& services, const Input& input);
std::string remove_evaluation_dataset_from_experiments(const Services& services, const Input& input);
std::string upsert_evaluation_records(const Services& services, const Input& input);
std::string get_evaluation_records(const Services& services, const Input& input);
std::string delete_evaluation_records(const Services& services, const Input& input);

std::string register_scorer(const Services& services, const Input& input);
std::string list_scorers(const Services& services, const Input& input);
std::string list_scorer_versions(const Services& services, const Input& input);
std::string get_scorer(const Services& services, const Input& input);
std::string delete_scorer(const Services& services, const Input& input);
std::string set_online_scoring(const Services& services, const Input& input);
std::string get_online_scorings(const Services& services, const Input& input);

std::string create_issue(const Services& services, const Input& input);
std::string get_issue(const Services& services, const Input& input);
std::string update_issue(const Services& services, const Input& input);
std::string search_issues(const Services& services, const Input& input);

std::string create_user(const Services& services, const Input& input);
std::string get_user(const Services& services, const Input& input);
std::string get_current_user(const Services& services, const Input& input);
std::string list_users(const Services& services, const Input& input);
std::string update_user_password(const Services& services, const Input& input);
std::string update_user_admin(const Services& services, const Input& input);
std::string delete_user(const Services& services, const Input& input);
std::string list_own_permissions(const Services& services, const Input& input);
std::string list_user_permissions(const Services& services, const Input& input);

std::string grant_permission(const Services& services, const Input& input);
std::string revoke_permission(const Services& services, const Input& input);
std::string get_effective_permission(const Services& services, const Input& input);
std::string create_experiment_permission(const Services& services, const Input& input);
std::string get_experiment_permission(const Services& services, const Input& input);
std::string update_experiment_permission(const Services& services, const Input& input);
std::string delete_experiment_permission(const Services& services, const Input& input);
std::string create_model_permission(const Services& services, const Input& input);
std::string get_model_permission(const Services& services, const Input& input);
std::string update_model_permission(const Services& services, const Input& input);
std::string delete_model_permission(const Services& services, const Input& input);

std::string create_webhook(const Services& services, const Input& input);
std::string list_webhooks(const Services& services, const Input& input);
std::string get_webhook(const Services& services, const Input& input);
std::string update_webhook(const Services& services, const Input& input);
std::string delete_webhook(const Services& services, const Input& input);
std::string test_webhook(const Services& services, const Input& input);

std::string create_gateway_secret(const Services& services, const Input& input);
std::string get_gateway_secret(const Services& services, const Input& input);
std::string update_gateway_secret(const Services& services, const Input& input);
std::string delete_gateway_secret(const Services& services, const Input& input);
std::string list_gateway_secrets(const Services& services, const Input& input);
std::string create_model_definition(const Services& services, const Input& input);
std::string get_model_definition(const Services& services, const Input& input);
std::string update_model_definition(const Services& services, const Input& input);
std::string delete_model_definition(const Services& services, const Input& input);
std::string list_model_definitions(const Services& services, const Input& input);
std::string create_gateway_endpoint(const Services& services, const Input& input);
std::string get_gateway_endpoint(const Services& services, const Input& input);
std::string update_gateway_endpoint(const Services& services, const Input& input);
std::string delete_gateway_endpoint(const Services& services, const Input& input);
std::string list_gateway_endpoints(const Services& services, const Input& input);
std::string attach_model(const Services& services, const Input& input);
std::string detach_model(const Services& services, const Input& input);
std::string set_endpoint_tag(const Services& services, const Input& input);
std::string delete_endpoint_tag(const Services& services, const Input& input);
std::string create_endpoint_binding(const Services& services, const Input& input);
std::string delete_endpoint_binding(const Services& services, const Input& input);
std::string list_endpoint_bindings(const Services& services, const Input& input);
std::string list_providers(const Services& services, const Input& input);
std::string list_provider_models(const Services& services, const Input& input);
std::string get_provider_config(const Services& services, const Input& input);
std::string get_secrets_config(const Services& services, const Input& input);

http::Response invoke_endpoint(const Services& services, const Input& input, http::Request& request);
http::Response complete_chat(const Services& services, const Input& input, http::Request& request);
http::Response pass_openai_chat(const Services& services, const Input& input, http::Request& request);
http::Response pass_openai_embeddings(const Services& services, const Input& input, http::Request& request);
http::Response pass_openai_responses(const Services& services, const Input& input, http::Request& request);
http::Response pass_anthropic_messages(const Services& services, const Input& input, http::Request& request);
http::Response list_endpoint_models(const Services& services, const Input& input, http::Request& request);

std::string server_info(const Services& services, const Input& input);
http::Response health(const Services& services, const Input& input, http::Request& request);
http::Response version(const Services& services, const Input& input, http::Request& request);

}  // namespace slipway::mlflow
