#include "domains/traces/trace_store.h"

#include <unordered_map>

#include "domains/traces/assessment_store.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"

namespace slipway::traces {

namespace {

constexpr std::string_view kColumns =
    "SELECT t.trace_id, t.experiment, t.client_request_id, t.request_preview, t.response_preview, t.request_ms, "
    "t.execution_ms, t.state FROM traces t";

// Every table whose rows belong to a trace.
constexpr std::string_view kTables[] = {"trace_tags",  "trace_metadata",    "trace_usage", "trace_links",
                                        "trace_spans", "trace_assessments", "traces"};

Trace trace_of(const sql::Row& row) {
  Trace out;
  out.id = TraceId(row.get_text(0));
  out.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
  out.client_request_id = row.get_text(2);
  out.request_preview = row.get_text(3);
  out.response_preview = row.get_text(4);
  out.request_ms = row.get_int(5);
  out.execution_ms = row.find_int(6);
  out.state = row.get_text(7);
  return out;
}

sql::Values values_of(const std::vector<TraceId>& ids) {
  sql::Values out;
  for (const TraceId& id : ids) out.emplace_back(id.value);
  return out;
}

}  // namespace

tracking::SelectBuilder select_traces() { return tracking::SelectBuilder{std::string(kColumns)}; }

void TraceStore::put(const Trace& trace) {
  transaction_.execute(
      "INSERT INTO traces (trace_id, experiment, client_request_id, request_preview, response_preview, request_ms, "
      "execution_ms, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (trace_id) DO UPDATE SET client_request_id = "
      "excluded.client_request_id, request_preview = CASE WHEN excluded.request_preview = '' THEN "
      "traces.request_preview ELSE excluded.request_preview END, response_preview = CASE WHEN "
      "excluded.response_preview = '' THEN traces.response_preview ELSE excluded.response_preview END, request_ms = "
      "excluded.request_ms, execution_ms = excluded.execution_ms, state = excluded.state",
      {trace.id.value, tracking::number_of(trace.experiment_id), trace.client_request_id, trace.request_preview,
       trace.response_preview, trace.request_ms, sql::optional_value(trace.execution_ms), trace.state});
  put_tags(trace.id, trace.tags);
  put_metadata(trace.id, trace.metadata);
}

void TraceStore::put_pairs(std::string_view table, const TraceId& id, const std::vector<Tag>& pairs) {
  const std::string statement = text::concat("INSERT INTO ", table,
                                             " (trace_id, key, value) VALUES (?, ?, ?) "
                                             "ON CONFLICT (trace_id, key) DO UPDATE SET value = excluded.value");
  for (const Tag& pair : pairs) transaction_.execute(statement, {id.value, pair.key, pair.value});
}

void TraceStore::put_tags(const TraceId& id, const std::vector<Tag>& tags) { put_pairs("trace_tags", id, tags); }
void TraceStore::put_metadata(const TraceId& id, const std::vector<Tag>& pairs) {
  put_pairs("trace_metadata", id, pairs);
}

void TraceStore::put_usage(const TraceId& id, const std::map<std::string, double>& numbers) {
  for (const auto& [key, value] : numbers) {
    transaction_.execute(
        "INSERT INTO trace_usage (trace_id, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (trace_id, key) DO UPDATE SET value = excluded.value",
        {id.value, key, value});
  }
}

bool TraceStore::remove_tag(const TraceId& id, const std::string& key) {
  return transaction_.execute("DELETE FROM trace_tags WHERE trace_id = ? AND key = ?", {id.value, key}) > 0;
}

std::optional<Trace> TraceStore::find(const TraceId& id) {
  auto found = find_all({id});
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

Trace TraceStore::get(const TraceId& id) {
  if (auto found = find(id)) return *std::move(found);
  throw not_found("Trace with ID '", id.value, "' not found");
}

void TraceStore::check_exists(const TraceId& id) {
  if (!transaction_.query_int("SELECT 1 FROM traces WHERE trace_id = ?", {id.value}))
    throw not_found("Trace with ID '", id.value, "' not found");
}

std::vector<Trace> TraceStore::find_all(const std::vector<TraceId>& ids) {
  std::unordered_map<std::string, Trace> by_id;
  tracking::query_in(transaction_, kColumns, "t.trace_id", values_of(ids), "", [&](const sql::Row& row) {
    Trace trace = trace_of(row);
    std::string id = trace.id.value;
    by_id.emplace(std::move(id), std::move(trace));
  });
  std::vector<Trace> out;
  for (const TraceId& id : ids) {
    const auto found = by_id.find(id.value);
    if (found == by_id.end()) continue;
    out.push_back(std::move(found->second));
    by_id.erase(found);  // an id that is asked for twice is answered once
  }
  load(out);
  return out;
}

Page<Trace> TraceStore::search(const tracking::SelectBuilder& select, const tracking::PageRequest& request) {
  auto out = tracking::read_page<Trace>(transaction_, select, request, trace_of);
  load(out.items);
  return out;
}

void TraceStore::load(std::vector<Trace>& traces) {
  std::unordered_map<std::string, Trace*> by_id;
  sql::Values ids;
  for (Trace& trace : traces) {
    by_id[trace.id.value] = &trace;
    ids.emplace_back(trace.id.value);
  }
  const auto load_pairs = [&](std::string_view table, std::vector<Tag> Trace::*pairs) {
    tracking::query_in(transaction_, text::concat("SELECT trace_id, key, value FROM ", table), "trace_id", ids,
                       " ORDER BY trace_id, key", [&](const sql::Row& row) {
                         (by_id.at(row.get_text(0))->*pairs).push_back({row.get_text(1), row.get_text(2)});
                       });
  };
  load_pairs("trace_tags", &Trace::tags);
  load_pairs("trace_metadata", &Trace::metadata);
  for (Assessment& assessment : AssessmentStore(transaction_).of_traces(ids)) {
    by_id.at(assessment.trace_id.value)->assessments.push_back(std::move(assessment));
  }
}

void TraceStore::link(const TraceId& id, std::string_view kind, const std::string& target) {
  transaction_.execute("INSERT INTO trace_links (trace_id, kind, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                       {id.value, std::string(kind), target});
}

std::vector<TraceId> TraceStore::find_until(const ExperimentId& experiment, int64_t until_ms,
                                            std::optional<int64_t> limit) {
  std::string statement =
      "SELECT trace_id FROM traces WHERE experiment = ? AND request_ms <= ? ORDER BY request_ms, trace_id";
  sql::Values values = {tracking::number_of(experiment), until_ms};
  if (limit) {
    statement.append(" LIMIT ?");
    values.emplace_back(*limit);
  }
  return transaction_.query_all<TraceId>(statement, values,
                                         [](const sql::Row& row) { return TraceId(row.get_text(0)); });
}

std::vector<TraceId> TraceStore::find_in(const ExperimentId& experiment, const std::vector<TraceId>& ids) {
  const int64_t number = tracking::number_of(experiment);
  std::vector<TraceId> out;
  tracking::query_in(transaction_, "SELECT trace_id, experiment FROM traces", "trace_id", values_of(ids), "",
                     [&](const sql::Row& row) {
                       if (row.get_int(1) == number) out.emplace_back(row.get_text(0));
                     });
  return out;
}

void TraceStore::remove(const std::vector<TraceId>& ids) {
  constexpr size_t kPortion = 256;
  for (size_t start = 0; start < ids.size(); start += kPortion) {
    const auto first = ids.begin() + static_cast<ptrdiff_t>(start);
    const auto last = ids.begin() + static_cast<ptrdiff_t>(std::min(start + kPortion, ids.size()));
    const tracking::Condition inside = tracking::in_condition("trace_id", values_of({first, last}));
    for (const std::string_view table : kTables) {
      transaction_.execute(text::concat("DELETE FROM ", table, " WHERE ", inside.text), inside.values);
    }
  }
}

void TraceStore::remove_all(const ExperimentId& experiment) {
  for (const std::string_view table : kTables) {
    transaction_.execute(
        text::concat("DELETE FROM ", table, " WHERE trace_id IN (SELECT trace_id FROM traces WHERE experiment = ?)"),
        {tracking::number_of(experiment)});
  }
}

}  // namespace slipway::traces
