// Calls about issues.
#include "protocols/mlflow/genai_messages.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

genai::IssueId issue_id(const Input& input) { return genai::IssueId(input.required_text("issue_id")); }

std::optional<std::string> find_filled(const Input& input, std::string_view name) {
  auto out = input.find_text(name);
  if (out && out->empty()) out.reset();
  return out;
}

}  // namespace

std::string create_issue(const Services& services, const Input& input) {
  return one("issue", services.genai.issues().add(read_issue(input)));
}

std::string get_issue(const Services& services, const Input& input) {
  return one("issue", services.genai.issues().get(issue_id(input)));
}

std::string update_issue(const Services& services, const Input& input) {
  genai::IssueChange change;
  change.name = find_filled(input, "name");
  change.description = find_filled(input, "description");
  change.status = input.find_text("status");
  change.severity = input.find_text("severity");
  return one("issue", services.genai.issues().update(issue_id(input), change));
}

std::string search_issues(const Services& services, const Input& input) {
  genai::IssueSearch search;
  if (auto experiment = find_filled(input, "experiment_id")) search.experiment = genai::ExperimentId(*experiment);
  search.filter = input.text("filter_string");
  search.max_results = input.integer("max_results", search.max_results);
  search.page_token = input.text("page_token");
  search.count_traces = input.flag("include_trace_count", false);
  const auto found = services.genai.issues().search(search);
  JsonWriter json;
  json.begin_object();
  write_list(json, "issues", found.items);
  // Unlike other searches: empty on the last page.
  json.text("next_page_token", found.next.value_or(""));
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
