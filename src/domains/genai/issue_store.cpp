#include "domains/genai/issue_store.h"

#include <algorithm>
#include <array>

#include "domains/traces/json_text.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"

namespace slipway::genai {

namespace {

using tracking::Comparison;
using tracking::Operator;

constexpr std::array<std::string_view, 4> kSeverities = {"not_an_issue", "low", "medium", "high"};

constexpr std::string_view kColumns =
    "i.issue_id, i.experiment, i.name, i.description, i.status, i.severity, i.root_causes, i.categories, "
    "i.source_run_id, i.created_ms, i.updated_ms, i.created_by";
constexpr int kTraceCountColumn = 12;  // the first one behind these
constexpr std::string_view kTraceCount =
    "(SELECT COUNT(DISTINCT a.trace_id) FROM trace_assessments a WHERE a.kind = 'issue' AND a.name = i.issue_id)";

std::string encode(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out.append(", ");
    traces::append_text(out, text);
  }
  return out + "]";
}

std::vector<std::string> decode(const std::string& encoded) {
  std::vector<std::string> out;
  JsonReader reader(encoded);
  for (reader.begin_array(); reader.next_element();) out.emplace_back(reader.read_string());
  return out;
}

Issue issue_of(const sql::Row& row) {
  Issue out;
  out.id = IssueId(row.get_text(0));
  out.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
  out.name = row.get_text(2);
  out.description = row.get_text(3);
  out.status = row.get_text(4);
  out.severity = row.find_text(5);
  out.root_causes = decode(row.get_text(6));
  out.categories = decode(row.get_text(7));
  out.source_run_id = row.find_text(8);
  out.created_ms = row.get_int(9);
  out.updated_ms = row.get_int(10);
  out.created_by = row.find_text(11);
  return out;
}

tracking::Condition condition_of(sql::Dialect dialect, const Comparison& comparison) {
  const bool is_known = comparison.entity.empty() && (comparison.key == "status" || comparison.key == "source_run_id");
  if (!is_known) {
    const std::string dot = comparison.entity.empty() ? "" : ".";
    throw invalid_argument("Invalid filter field '", comparison.entity, dot, comparison.key,
                           "'. Supported fields: status, source_run_id");
  }
  return tracking::text_condition(dialect, "i." + comparison.key, comparison, {Operator::kEqual, Operator::kNotEqual},
                                  comparison.key);
}

}  // namespace

int64_t rank_of(const std::optional<std::string>& severity) {
  if (!severity) return -1;
  const auto found = std::find(kSeverities.begin(), kSeverities.end(), *severity);
  if (found == kSeverities.end()) {
    throw invalid_argument("'", *severity, "' is no severity of an issue: not_an_issue, low, medium or high");
  }
  return found - kSeverities.begin();
}

void IssueStore::insert(const Issue& issue) {
  transaction_.execute(
      "INSERT INTO issues (issue_id, experiment, name, description, status, severity, severity_rank, root_causes, "
      "categories, source_run_id, created_ms, updated_ms, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {issue.id.value, tracking::number_of(issue.experiment_id), issue.name, issue.description, issue.status,
       sql::optional_value(issue.severity), rank_of(issue.severity), encode(issue.root_causes),
       encode(issue.categories), sql::optional_value(issue.source_run_id), issue.created_ms, issue.updated_ms,
       sql::optional_value(issue.created_by)});
}

std::optional<Issue> IssueStore::find(const IssueId& id) {
  return transaction_.query_one<Issue>(text::concat("SELECT ", kColumns, " FROM issues i WHERE i.issue_id = ?"),
                                       {id.value}, issue_of);
}

void IssueStore::read_after(int64_t after, int64_t limit,
                            const std::function<void(int64_t row, Issue issue)>& on_issue) {
  transaction_.query(text::concat("SELECT ", kColumns, ", i.id FROM issues i WHERE i.id > ? ORDER BY i.id LIMIT ?"),
                     {after, limit},
                     [&](const sql::Row& row) { on_issue(row.get_int(kTraceCountColumn), issue_of(row)); });
}

Issue IssueStore::get(const IssueId& id) {
  auto found = find(id);
  if (!found) throw not_found("Issue with ID '", id.value, "' not found");
  return *std::move(found);
}

void IssueStore::update(const Issue& issue) {
  transaction_.execute(
      "UPDATE issues SET name = ?, description = ?, status = ?, severity = ?, severity_rank = ?, updated_ms = ? WHERE "
      "issue_id = ?",
      {issue.name, issue.description, issue.status, sql::optional_value(issue.severity), rank_of(issue.severity),
       issue.updated_ms, issue.id.value});
}

Page<Issue> IssueStore::search(const IssueSearch& search, const tracking::PageRequest& request) {
  tracking::SelectBuilder select(
      text::concat("SELECT ", kColumns, ", ", search.count_traces ? kTraceCount : "0", " FROM issues i"));
  if (search.experiment) select.where({"i.experiment = ?", {tracking::number_of(*search.experiment)}});
  for (const Comparison& comparison : tracking::parse_filter(search.filter))
    select.where(condition_of(transaction_.dialect(), comparison));
  const auto descending = [&](std::string_view key) {
    select.order({std::string(key), tracking::SortKey::Kind::kInteger, false});
  };
  descending("i.severity_rank");
  if (search.count_traces) descending(kTraceCount);
  descending("i.created_ms");
  descending("i.id");
  return tracking::read_page<Issue>(transaction_, select, request, [&](const sql::Row& row) {
    Issue out = issue_of(row);
    if (search.count_traces) out.trace_count = row.get_int(kTraceCountColumn);
    return out;
  });
}

void IssueStore::forget_experiment(int64_t experiment) {
  transaction_.execute("DELETE FROM issues WHERE experiment = ?", {experiment});
}

}  // namespace slipway::genai
