#include "domains/traces/usage.h"

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "domains/traces/trace_store.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/json_stream.h"

namespace slipway::traces {

namespace {

using Numbers = std::map<std::string, double>;

struct Measure {
  std::string_view column;
  std::string_view covered_column;
  std::string_view metadata_key;
  std::vector<std::string> keys;           // always shown once there is anything
  std::vector<std::string> optional_keys;  // shown when reported
  bool is_whole;                           // integers
  std::optional<std::string> PreparedSpan::*report;
  bool PreparedSpan::*covered;
};

const std::array<Measure, 2>& measures() {
  static const std::array<Measure, 2> all = {
      {{"tokens",
        "tokens_covered",
        metadata::kTokens,
        {"input_tokens", "output_tokens", "total_tokens"},
        {"cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation_input_tokens_above_1hr"},
        true,
        &PreparedSpan::tokens,
        &PreparedSpan::tokens_covered},
       {"cost",
        "cost_covered",
        metadata::kCost,
        {"input_cost", "output_cost", "total_cost"},
        {},
        false,
        &PreparedSpan::cost,
        &PreparedSpan::cost_covered}}};
  return all;
}

Numbers numbers_of(const Measure& measure, const std::string& report) {
  Numbers out;
  try {
    const json::value document = json::parse(report);
    const json::object& object = json::as_object(document, measure.column);
    const auto take = [&](const std::string& key, bool always) {
      const json::value* found = json::find(object, key);
      const bool is_number = found != nullptr && found->is_number() && std::isfinite(found->to_number<double>());
      if (is_number || always) out[key] = is_number ? found->to_number<double>() : 0;
    };
    for (const std::string& key : measure.keys) take(key, true);
    for (const std::string& key : measure.optional_keys) take(key, false);
  } catch (const Error&) {
    return {};  // what a program calls its usage is not ours to refuse
  }
  return out;
}

// One measure of one trace while a batch is added.
class Tree {
 public:
  struct Node {
    std::string id;
    std::string parent;
    std::optional<std::string> report;
    bool covered = false;
  };

  Tree(sql::Transaction& transaction, const Measure& measure, const TraceId& trace)
      : transaction_(transaction), measure_(measure), trace_(trace) {}

  Numbers load_totals() {
    Numbers out;
    transaction_.query("SELECT key, value FROM trace_usage WHERE trace_id = ?", {trace_.value},
                       [&](const sql::Row& row) {
                         const std::string key = row.get_text(0);
                         if (is_key(key)) out[key] = row.get_double(1);
                       });
    return out;
  }

  // Decides which of the new nodes are covered and adds what counts. With `has_older`, rows of earlier calls above and
  // below them are taken into account.
  void add(std::vector<Node>& nodes, bool has_older, Numbers& totals) {
    for (Node& node : nodes) by_id_.emplace(node.id, &node);
    if (has_older) load_parents(nodes);
    for (Node& node : nodes) decide(node);
    for (const Node& node : nodes) {
      if (node.report && !node.covered) apply(*node.report, 1, totals);
    }
    if (has_older) cover_below(nodes, totals);
  }

  void store_totals(const Numbers& totals) {
    TraceStore store(transaction_);
    store.put_usage(trace_, totals);
    std::string text = "{";
    for (const auto* keys : {&measure_.keys, &measure_.optional_keys}) {
      for (const std::string& key : *keys) {
        const auto found = totals.find(key);
        if (found == totals.end()) continue;
        if (text.size() > 1) text.append(", ");
        append_json_string(text, key);
        text.append(": ");
        if (measure_.is_whole) {
          append_json_number(text, static_cast<int64_t>(std::llround(found->second)));
        } else {
          append_json_number(text, found->second);
        }
      }
    }
    text.push_back('}');
    store.put_metadata(trace_, {{std::string(measure_.metadata_key), text}});
  }

  // Forgets what was computed and starts over from all rows.
  void rebuild() {
    std::vector<Node> nodes;
    transaction_.query(
        text::concat("SELECT span_id, parent_id, ", measure_.column, " FROM trace_spans WHERE trace_id = ?"),
        {trace_.value}, [&](const sql::Row& row) {
          nodes.push_back({row.get_text(0), row.get_text(1), row.find_text(2)});
        });
    Numbers totals;
    add(nodes, false, totals);
    transaction_.execute(text::concat("UPDATE trace_spans SET ", measure_.covered_column, " = 0 WHERE trace_id = ?"),
                         {trace_.value});
    std::vector<std::string> covered;
    for (const Node& node : nodes) {
      if (node.covered) covered.push_back(node.id);
    }
    mark_covered(covered);
    store_totals(totals);
  }

 private:
  bool is_key(const std::string& key) const {
    for (const auto* keys : {&measure_.keys, &measure_.optional_keys}) {
      for (const std::string& known : *keys) {
        if (known == key) return true;
      }
    }
    return false;
  }

  void apply(const std::string& report, double sign, Numbers& totals) {
    for (const auto& [key, value] : numbers_of(measure_, report)) totals[key] += sign * value;
  }

  // Which rows that are there already cover their children: those with a report and those that are covered themselves.
  void load_parents(const std::vector<Node>& nodes) {
    std::set<std::string> parents;
    for (const Node& node : nodes) {
      if (!node.parent.empty() && by_id_.count(node.parent) == 0) parents.insert(node.parent);
    }
    SpanStore(transaction_)
        .query_of_trace("SELECT span_id FROM trace_spans", trace_, "span_id", {parents.begin(), parents.end()},
                        text::concat(" AND (", measure_.covered_column, " = 1 OR ", measure_.column, " IS NOT NULL)"),
                        [&](const sql::Row& row) { covering_.insert(row.get_text(0)); });
  }

  // Walks up to the first node that is decided, then back down. A parent that is its own descendant counts as absent.
  void decide(Node& first) {
    std::vector<Node*> path;
    Node* node = &first;
    bool covers = false;
    while (true) {
      const auto [known, is_new] = decided_.try_emplace(node, false);
      if (!is_new) {
        covers = known->second && (node->covered || node->report);
        break;
      }
      path.push_back(node);
      const auto parent = by_id_.find(node->parent);
      if (node->parent.empty() || parent == by_id_.end()) {
        covers = covering_.count(node->parent) != 0;
        break;
      }
      node = parent->second;
    }
    for (auto step = path.rbegin(); step != path.rend(); ++step) {
      (*step)->covered = covers;
      decided_[*step] = true;
      covers = covers || (*step)->report;
    }
  }

  // Rows of earlier calls below the new nodes: they counted until now. So do new nodes below such rows.
  void cover_below(std::vector<Node>& nodes, Numbers& totals) {
    std::vector<std::string> covering;
    std::unordered_multimap<std::string_view, Node*> children;
    for (Node& node : nodes) {
      if (node.covered || node.report) covering.push_back(node.id);
      children.emplace(node.parent, &node);
    }
    while (!covering.empty()) {
      std::vector<std::string> reached;
      std::vector<std::string> next;
      SpanStore(transaction_)
          .query_of_trace(text::concat("SELECT span_id, ", measure_.column, " FROM trace_spans"), trace_, "parent_id",
                          covering, text::concat(" AND ", measure_.covered_column, " = 0"), [&](const sql::Row& row) {
                            const std::string id = row.get_text(0);
                            if (by_id_.count(id) != 0) return;
                            reached.push_back(id);
                            if (const auto report = row.find_text(1)) {
                              apply(*report, -1, totals);  // what lies below it is covered by it already
                            } else {
                              next.push_back(id);
                            }
                          });
      mark_covered(reached);
      for (const std::string& id : covering) {
        const auto [first, last] = children.equal_range(id);
        for (auto child = first; child != last; ++child) {
          Node& node = *child->second;
          if (node.covered) continue;
          node.covered = true;
          if (node.report) {
            apply(*node.report, -1, totals);
          } else {
            next.push_back(node.id);
          }
        }
      }
      covering = std::move(next);
    }
  }

  void mark_covered(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      transaction_.execute(
          text::concat("UPDATE trace_spans SET ", measure_.covered_column, " = 1 WHERE trace_id = ? AND span_id = ?"),
          {trace_.value, id});
    }
  }

  sql::Transaction& transaction_;
  const Measure& measure_;
  const TraceId& trace_;
  std::unordered_map<std::string_view, Node*> by_id_;
  std::unordered_set<std::string> covering_;
  std::unordered_map<const Node*, bool> decided_;  // false while its parents are looked at
};

struct OldSpan {
  std::string parent;
  std::array<std::optional<std::string>, 2> reports;
};

// Rows that this call replaces.
std::unordered_map<std::string, OldSpan> load_replaced(sql::Transaction& transaction, const TraceId& trace,
                                                       const std::vector<PreparedSpan*>& spans) {
  std::vector<std::string> ids;
  ids.reserve(spans.size());
  for (const PreparedSpan* span : spans) ids.push_back(span->span.span_id);
  std::unordered_map<std::string, OldSpan> out;
  SpanStore(transaction)
      .query_of_trace("SELECT span_id, parent_id, tokens, cost FROM trace_spans", trace, "span_id", ids, "",
                      [&](const sql::Row& row) {
                        out[row.get_text(0)] = {row.get_text(1), {row.find_text(2), row.find_text(3)}};
                      });
  return out;
}

}  // namespace

void UsageTotals::put_spans(const Trace& trace, const std::vector<PreparedSpan*>& spans, bool trace_is_new) {
  std::unordered_map<std::string, OldSpan> replaced;
  if (!trace_is_new) replaced = load_replaced(transaction_, trace.id, spans);
  const bool is_final = find_pair(trace.metadata, metadata::kFinalized) != nullptr;
  std::vector<std::function<void()>> afterwards;
  for (size_t i = 0; i < measures().size(); ++i) {
    const Measure& measure = measures()[i];
    auto tree = std::make_shared<Tree>(transaction_, measure, trace.id);
    Numbers totals = trace_is_new ? Numbers() : tree->load_totals();
    bool is_reported = false;
    bool is_changed = false;
    std::vector<Tree::Node> fresh;
    std::vector<PreparedSpan*> fresh_spans;
    for (PreparedSpan* span : spans) {
      const auto& report = span->*measure.report;
      is_reported = is_reported || report.has_value();
      const auto old = replaced.find(span->span.span_id);
      if (old == replaced.end()) {
        fresh.push_back({span->span.span_id, span->span.parent_id, report});
        fresh_spans.push_back(span);
      } else {
        is_changed = is_changed || old->second.reports[i] != report || old->second.parent != span->span.parent_id;
      }
    }
    if ((totals.empty() && !is_reported) || (is_final && !totals.empty())) continue;
    if (is_changed) {
      afterwards.emplace_back([tree] { tree->rebuild(); });
      continue;
    }
    tree->add(fresh, !trace_is_new, totals);
    for (size_t k = 0; k < fresh.size(); ++k) fresh_spans[k]->*measure.covered = fresh[k].covered;
    if (!totals.empty()) tree->store_totals(totals);
  }
  SpanStore(transaction_).put(spans);
  for (const auto& step : afterwards) step();
}

void UsageTotals::put_reported(const Trace& trace) {
  for (const Measure& measure : measures()) {
    const std::string* reported = find_pair(trace.metadata, measure.metadata_key);
    if (reported == nullptr) continue;
    TraceStore(transaction_).put_usage(trace.id, numbers_of(measure, *reported));
  }
}

}  // namespace slipway::traces
