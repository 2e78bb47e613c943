#include "domains/genai/issues.h"

#include <algorithm>
#include <array>

#include "domains/genai/issue_store.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/run_store.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"

namespace slipway::genai {

namespace {

constexpr size_t kMaxName = 250;
constexpr int64_t kMaxResults = 50'000;
constexpr std::array<std::string_view, 3> kStatuses = {kPending, "rejected", "resolved"};

void check(const Issue& issue) {
  if (issue.name.empty()) throw invalid_argument("Missing value for required parameter 'name'.");
  tracking::check_length(issue.name, kMaxName, "name");
  if (std::find(kStatuses.begin(), kStatuses.end(), issue.status) == kStatuses.end())
    throw invalid_argument("'", issue.status, "' is no status of an issue: pending, rejected or resolved");
  rank_of(issue.severity);
}

}  // namespace

Issue Issues::add(Issue issue) {
  check(issue);
  issue.id = IssueId("iss-" + ids_.hex(32));
  issue.created_ms = issue.updated_ms = clock_.now_ms();
  database_.write([&](sql::Transaction& transaction) {
    tracking::ExperimentStore(transaction).get_active(issue.experiment_id);
    if (issue.source_run_id) tracking::RunStore(transaction).get(tracking::RunId(*issue.source_run_id));
    IssueStore(transaction).insert(issue);
  });
  return issue;
}

Issue Issues::get(const IssueId& id) {
  return database_.read_value<Issue>([&](sql::Transaction& transaction) { return IssueStore(transaction).get(id); });
}

Issue Issues::update(const IssueId& id, const IssueChange& change) {
  return database_.write_value<Issue>([&](sql::Transaction& transaction) {
    IssueStore store(transaction);
    Issue issue = store.get(id);
    if (change.name) issue.name = *change.name;
    if (change.description) issue.description = *change.description;
    if (change.status) issue.status = *change.status;
    if (change.severity) issue.severity = change.severity;
    check(issue);
    issue.updated_ms = clock_.now_ms();
    store.update(issue);
    return issue;
  });
}

Page<Issue> Issues::search(const IssueSearch& search) {
  tracking::check_max_results(search.max_results, kMaxResults);
  tracking::Question question("issues");
  question.add_experiments(search.experiment ? std::vector{*search.experiment} : std::vector<ExperimentId>());
  question.add_filter(search.filter);
  question.add("The count of traces", "does", {search.count_traces ? "yes" : "no"});
  const tracking::PageRequest request(search.max_results, search.page_token, question);
  return database_.read_value<Page<Issue>>(
      [&](sql::Transaction& transaction) { return IssueStore(transaction).search(search, request); });
}

std::vector<ExperimentId> Issues::experiments_of(const std::vector<IssueId>& issues) {
  sql::Values ids;
  for (const IssueId& id : issues) ids.emplace_back(id.value);
  return database_.read_value<std::vector<ExperimentId>>(
      [&](sql::Transaction& transaction) { return tracking::experiments_in(transaction, "issues", "issue_id", ids); });
}

void Issues::forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment) {
  IssueStore(transaction).forget_experiment(tracking::number_of(experiment));
}

}  // namespace slipway::genai
