#include "domains/traces/trace_filter.h"

#include <algorithm>
#include <array>
#include <set>

#include "domains/traces/json_text.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"

namespace slipway::traces {

namespace {

using tracking::Comparison;
using tracking::Condition;
using tracking::Operator;
using tracking::SortKey;
using tracking::symbol_of;

enum class Entity { kAttribute, kTag, kMetadata, kSpan, kFeedback, kExpectation, kIssue };

struct EntityName {
  std::string_view name;
  Entity entity;
};
constexpr EntityName kEntities[] = {{"", Entity::kAttribute},
                                    {"attribute", Entity::kAttribute},
                                    {"attributes", Entity::kAttribute},
                                    {"trace", Entity::kAttribute},
                                    {"tag", Entity::kTag},
                                    {"tags", Entity::kTag},
                                    {"metadata", Entity::kMetadata},
                                    {"request_metadata", Entity::kMetadata},
                                    {"span", Entity::kSpan},
                                    {"feedback", Entity::kFeedback},
                                    {"expectation", Entity::kExpectation},
                                    {"issue", Entity::kIssue}};

Entity entity_of(const std::string& name) {
  for (const EntityName& known : kEntities) {
    if (known.name == name) return known.entity;
  }
  throw invalid_argument("Invalid entity type '", name,
                         "' in a search for traces: trace, tag, metadata, span, feedback, expectation or issue");
}

// The table has an empty text where the client named none.
constexpr std::string_view kClientRequest = "NULLIF(t.client_request_id, '')";
constexpr std::string_view kEnd = "(t.request_ms + COALESCE(t.execution_ms, 0))";

struct Column {
  std::string_view name;
  std::string_view text;
  bool is_number;
};
constexpr Column kColumns[] = {{"request_id", "t.trace_id", false},
                               {"trace_id", "t.trace_id", false},
                               {"client_request_id", kClientRequest, false},
                               {"status", "t.state", false},
                               {"state", "t.state", false},
                               {"experiment_id", "t.experiment", true},
                               {"timestamp", "t.request_ms", true},
                               {"timestamp_ms", "t.request_ms", true},
                               {"execution_time", "t.execution_ms", true},
                               {"execution_time_ms", "t.execution_ms", true},
                               {"end_time", kEnd, true},
                               {"end_time_ms", kEnd, true}};

const Column& column_of(const std::string& key) {
  for (const Column& known : kColumns) {
    if (known.name == key) return known;
  }
  throw invalid_argument("Invalid attribute key '", key,
                         "' specified. Valid keys are request_id, timestamp, execution_time, end_time, status, "
                         "client_request_id, name, run_id, prompt, text");
}

constexpr std::initializer_list<Operator> kTextOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike,
                                                            Operator::kILike, Operator::kRLike,    Operator::kIn,
                                                            Operator::kNotIn};

constexpr std::initializer_list<Operator> kContentOperators = {Operator::kLike, Operator::kILike};

// Names that are attributes to the caller and lie elsewhere here.
struct Moved {
  std::string_view name;
  Entity entity;
  std::string_view key;
};
constexpr Moved kMoved[] = {{"name", Entity::kTag, tag::kName},
                            {"prompt", Entity::kTag, "mlflow.linkedPrompts"},
                            {"run_id", Entity::kMetadata, metadata::kRun},
                            {"text", Entity::kSpan, "content"}};

struct Place {
  Entity entity;
  std::string key;
};

Place place_of(const std::string& entity_name, const std::string& key) {
  const Entity entity = entity_of(entity_name);
  if (entity == Entity::kAttribute) {
    for (const Moved& moved : kMoved) {
      if (text::equal_ignoring_case(moved.name, key)) return {moved.entity, std::string(moved.key)};
    }
  }
  return {entity, key};
}

// Clients look for these words.
void check_comparator(const Comparison& comparison, std::initializer_list<Operator> allowed, std::string_view where) {
  if (std::find(allowed.begin(), allowed.end(), comparison.op) != allowed.end()) return;
  std::string names;
  for (const Operator op : allowed) names.append(names.empty() ? "'" : ", '").append(symbol_of(op)).append("'");
  const std::string_view symbol = symbol_of(comparison.op);
  if (where.starts_with("span.")) throw invalid_argument(where, " comparator '", symbol, "' not one of ", names, ".");
  throw invalid_argument("Invalid comparator '", symbol, "' for ", where, ", not one of ", names, ".");
}

Condition exists(const std::string& from, const Condition& inner, sql::Values before) {
  before.insert(before.end(), inner.values.begin(), inner.values.end());
  return {text::concat("EXISTS (SELECT 1 FROM ", from, " AND ", inner.text, ")"), std::move(before)};
}

Condition negated(Condition condition) {
  condition.text = text::concat("NOT (", condition.text, ")");
  return condition;
}

// "NAME/VERSION" of a linked prompt.
Condition prompt_condition(const Comparison& comparison) {
  if (comparison.op != Operator::kEqual || comparison.values[0].kind != tracking::Literal::Kind::kText)
    throw invalid_argument("Invalid comparator '", tracking::symbol_of(comparison.op),
                           "' for prompts filter. Only '=' is supported with format: prompt = \"name/version\"");
  const std::string& value = comparison.values[0].text;
  if (std::count(value.begin(), value.end(), '/') != 1)
    throw invalid_argument("Invalid prompts filter value '", value, "'. Expected format: prompt = \"name/version\"");
  return {"EXISTS (SELECT 1 FROM trace_links l WHERE l.trace_id = t.trace_id AND l.kind = 'prompt' AND l.target = ?)",
          {value}};
}

Condition pair_condition(sql::Dialect dialect, std::string_view table, const std::string& key,
                         const Comparison& comparison) {
  const std::string from = text::concat(table, " x WHERE x.trace_id = t.trace_id AND x.key = ?");
  if (comparison.op == Operator::kIsNotNull) return exists(from, {"1 = 1", {}}, {key});
  if (comparison.op == Operator::kIsNull) return negated(exists(from, {"1 = 1", {}}, {key}));
  check_comparator(comparison, kTextOperators, key);
  return exists(from, tracking::text_condition(dialect, "x.value", comparison, kTextOperators, key), {key});
}

// An attribute of a span: text as it is, anything else as JSON.
std::string attribute_column(sql::Dialect dialect, const std::string& key, sql::Values& values) {
  if (dialect == sql::Dialect::kPostgresql) {
    values.emplace_back(key);
    return "(s.content::json -> 'attributes' ->> ?)";
  }
  if (key.find('"') != std::string::npos) throw invalid_argument("the name of a span attribute takes no quotes");
  values.emplace_back(text::concat("$.attributes.\"", key, "\""));
  return "json_extract(s.content, ?)";
}

Condition span_condition(sql::Dialect dialect, const std::string& key, const Comparison& comparison) {
  constexpr std::string_view kPrefix = "attributes.";
  const std::string where = "span." + key;
  check_comparator(comparison, key == "content" ? kContentOperators : kTextOperators, where);
  if (key == "content") return tracking::text_condition(dialect, "s.content", comparison, kContentOperators, where);
  if (key == "name" || key == "type" || key == "status")
    return tracking::text_condition(dialect, "s." + key, comparison, kTextOperators, where);
  if (!key.starts_with(kPrefix) || key.size() == kPrefix.size())
    throw invalid_argument("Invalid span attribute '", key,
                           "'. Supported attributes: name, status, type, attributes.<attribute_name>.");
  sql::Values before;
  const std::string column = attribute_column(dialect, key.substr(kPrefix.size()), before);
  Condition out = tracking::text_condition(dialect, column, comparison, kTextOperators, where);
  before.insert(before.end(), out.values.begin(), out.values.end());
  return {out.text, before};
}

constexpr std::initializer_list<Operator> kNumericOperators = {Operator::kLess, Operator::kLessEqual,
                                                               Operator::kGreater, Operator::kGreaterEqual};

// The value of an assessment. Equality takes text, and numbers and truth values as they are written.
Condition value_condition(sql::Dialect dialect, const Comparison& comparison, const std::string& where) {
  if (std::find(kNumericOperators.begin(), kNumericOperators.end(), comparison.op) != kNumericOperators.end()) {
    Condition number = tracking::number_condition("a.number", comparison, where);
    number.text = text::concat("(a.is_number = 1 AND ", number.text, ")");
    return number;
  }
  if (comparison.op == Operator::kEqual || comparison.op == Operator::kNotEqual) {
    // Checks the literal's kind.
    tracking::text_condition(dialect, "a.value", comparison, {Operator::kEqual, Operator::kNotEqual}, where);
    const std::string& asked = comparison.values[0].text;
    Condition equal{"(a.value = ? OR a.value = ?", {asked, json_of(asked)}};
    if (const auto number = number_of_json(asked)) {
      equal.text.append(" OR (a.is_number = 1 AND a.number = ?)");
      equal.values.emplace_back(*number);
    }
    equal.text.push_back(')');
    return comparison.op == Operator::kEqual ? equal : negated(equal);
  }
  const std::string plain =
      "CASE WHEN substr(a.value, 1, 1) = '\"' THEN substr(a.value, 2, length(a.value) - 2) "
      "ELSE a.value END";
  return tracking::text_condition(dialect, "(" + plain + ")", comparison,
                                  {Operator::kLike, Operator::kILike, Operator::kRLike}, where);
}

// An assessment of a whole session counts for every trace of it.
Condition assessment_condition(sql::Dialect dialect, std::string_view kind, const std::string& key,
                               const Comparison& comparison) {
  const bool by_presence = comparison.op == Operator::kIsNull || comparison.op == Operator::kIsNotNull;
  const Condition value =
      by_presence ? Condition{"1 = 1", {}} : value_condition(dialect, comparison, text::concat(kind, ".", key));
  const std::string same = text::concat("a.is_valid = 1 AND a.kind = ? AND a.name = ? AND ", value.text);
  sql::Values once = {std::string(kind), key};
  once.insert(once.end(), value.values.begin(), value.values.end());
  Condition out;
  out.text = text::concat(
      "(EXISTS (SELECT 1 FROM trace_assessments a WHERE a.trace_id = t.trace_id AND ", same,
      ") OR EXISTS (SELECT 1 FROM trace_metadata m JOIN trace_assessments a ON a.session = m.value JOIN traces o ON "
      "o.trace_id = a.trace_id WHERE m.trace_id = t.trace_id AND m.key = '",
      metadata::kSession, "' AND o.experiment = t.experiment AND a.session <> '' AND ", same, "))");
  out.values = once;
  out.values.insert(out.values.end(), once.begin(), once.end());
  return comparison.op == Operator::kIsNull ? negated(out) : out;
}

Condition issue_condition(const std::string& key, const Comparison& comparison) {
  if (key != "id") throw invalid_argument("Invalid issue attribute '", key, "'. Supported attributes: id");
  if (comparison.op != Operator::kEqual)
    throw invalid_argument("issue.id comparator '", tracking::symbol_of(comparison.op), "' not one of '='");
  return {
      "EXISTS (SELECT 1 FROM trace_assessments a WHERE a.trace_id = t.trace_id AND a.kind = 'issue' AND a.name = ?)",
      {comparison.values[0].text}};
}

Condition attribute_condition(sql::Dialect dialect, const std::string& key, const Comparison& comparison) {
  const Column& known = column_of(key);
  const std::string column(known.text);
  if (known.is_number) return tracking::integer_condition(column, comparison, key);
  check_comparator(comparison, kTextOperators, key);
  return tracking::text_condition(dialect, column, comparison, kTextOperators, key);
}

Condition metadata_condition(sql::Dialect dialect, const std::string& key, const Comparison& comparison) {
  const bool by_run = key == metadata::kRun && comparison.op == Operator::kEqual;
  if (by_run && comparison.values[0].kind == tracking::Literal::Kind::kText)
    return run_condition("t.trace_id", comparison.values[0].text);
  return pair_condition(dialect, "trace_metadata", key, comparison);
}

Condition condition_of(sql::Dialect dialect, const Place& place, const Comparison& comparison) {
  switch (place.entity) {
    case Entity::kTag:
      if (place.key == "mlflow.linkedPrompts") return prompt_condition(comparison);
      return pair_condition(dialect, "trace_tags", place.key, comparison);
    case Entity::kMetadata:
      return metadata_condition(dialect, place.key, comparison);
    case Entity::kFeedback:
      return assessment_condition(dialect, "feedback", place.key, comparison);
    case Entity::kExpectation:
      return assessment_condition(dialect, "expectation", place.key, comparison);
    case Entity::kIssue:
      return issue_condition(place.key, comparison);
    case Entity::kSpan:
    case Entity::kAttribute:
      break;
  }
  return attribute_condition(dialect, place.key, comparison);
}

}  // namespace

Condition run_condition(const std::string& trace_id, const std::string& run_id) {
  return {text::concat("(EXISTS (SELECT 1 FROM trace_links l WHERE l.trace_id = ", trace_id,
                       " AND l.kind = 'run' AND l.target = ?) OR EXISTS (SELECT 1 FROM trace_metadata x WHERE "
                       "x.trace_id = ",
                       trace_id, " AND x.key = '", metadata::kRun, "' AND x.value = ?))"),
          {run_id, run_id}};
}

void add_experiments(tracking::SelectBuilder& select, const std::vector<ExperimentId>& experiments) {
  sql::Values numbers;
  for (const ExperimentId& id : experiments) numbers.emplace_back(tracking::number_of(id));
  select.where(tracking::in_condition("t.experiment", numbers));
}

void add_trace_conditions(tracking::SelectBuilder& select, sql::Dialect dialect,
                          const std::vector<Comparison>& comparisons) {
  Condition of_span;
  for (const Comparison& comparison : comparisons) {
    const Place place = place_of(comparison.entity, comparison.key);
    if (place.entity != Entity::kSpan) {
      select.where(condition_of(dialect, place, comparison));
      continue;
    }
    const Condition one = span_condition(dialect, place.key, comparison);
    of_span.text.append(of_span.text.empty() ? "" : " AND ").append(one.text);
    of_span.values.insert(of_span.values.end(), one.values.begin(), one.values.end());
  }
  if (!of_span.text.empty()) select.where(exists("trace_spans s WHERE s.trace_id = t.trace_id", of_span, {}));
}

void check_trace_filter(const std::string& filter) {
  tracking::SelectBuilder select("");
  add_trace_conditions(select, sql::Dialect::kSqlite, tracking::parse_filter(filter));
}

void add_trace_order(tracking::SelectBuilder& select, const std::vector<std::string>& order_by) {
  std::set<std::string> seen;
  int joined = 0;
  for (const std::string& text : order_by) {
    const tracking::OrderKey key = tracking::parse_order_key(text);
    const Place place = place_of(key.entity, key.key);
    SortKey by{"", SortKey::Kind::kText, key.ascending};
    if (place.entity == Entity::kAttribute) {
      const Column& column = column_of(place.key);
      by.text = column.text;
      if (column.is_number) by.kind = SortKey::Kind::kInteger;
    } else if (place.entity == Entity::kTag || place.entity == Entity::kMetadata) {
      const std::string alias = text::concat("o", joined++);
      const std::string_view table = place.entity == Entity::kTag ? "trace_tags" : "trace_metadata";
      select.join(text::concat("LEFT JOIN ", table, " ", alias, " ON ", alias, ".trace_id = t.trace_id AND ", alias,
                               ".key = ?"),
                  {place.key});
      by.text = alias + ".value";
    } else {
      throw invalid_argument("Invalid order_by clause '", text, "': traces have no order by ", key.entity);
    }
    const std::string identity =
        place.entity == Entity::kAttribute ? by.text : text::concat(static_cast<int>(place.entity), ".", place.key);
    if (!seen.insert(identity).second) throw invalid_argument("`order_by` contains duplicate fields: '", text, "'");
    select.order_missing_last(by);
  }
  if (seen.count("t.request_ms") == 0) select.order({"t.request_ms", SortKey::Kind::kInteger, false});
  if (seen.count("t.trace_id") == 0) select.order({"t.trace_id", SortKey::Kind::kText});
}

}  // namespace slipway::traces
