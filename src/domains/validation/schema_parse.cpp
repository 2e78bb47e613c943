#include <algorithm>
#include <array>
#include <set>

#include "domains/validation/schema.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/base/yaml.h"

namespace slipway::validation {

namespace {

using tables::ColumnType;

constexpr std::array kTypes = {ColumnType::kBoolean, ColumnType::kInteger, ColumnType::kDouble, ColumnType::kText,
                               ColumnType::kTime};

void check_keys(const json::object& object, const std::vector<std::string>& known, const std::string& where) {
  for (const auto& member : object) {
    const std::string key(member.key());
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw invalid_argument(where, ": unknown key '", key, "'; known are ", text::join(known, ", "));
  }
}

std::optional<ColumnType> type_named(const std::string& name, const std::string& where) {
  if (name == "any") return std::nullopt;
  for (const ColumnType type : kTypes) {
    if (tables::name_of(type) == name) return type;
  }
  throw invalid_argument(where, ": type must be boolean, integer, double, text, time or any, got '", name, "'");
}

// A scalar as the text that a cell of it shows.
std::string scalar_text(const json::value& value, const std::string& where) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_double()) return text::format_double(value.get_double());
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  throw invalid_argument(where, ": a text or a number is needed");
}

double fraction_in(const json::object& object, std::string_view key, const std::string& where) {
  const double value = json::find_double(object, key).value_or(0);
  if (!(value >= 0 && value <= 1)) throw invalid_argument(where, ": ", key, " must be from 0 to 1");
  return value;
}

std::optional<double> limit_in(const json::object& object, std::string_view key, const ColumnRule& rule,
                               const std::string& where) {
  const json::value* value = json::find(object, key);
  if (value == nullptr) return std::nullopt;
  if (rule.type == ColumnType::kText || rule.type == ColumnType::kBoolean) {
    throw invalid_argument(where, ": ", key, " is for numbers and times, the type is ", tables::name_of(*rule.type));
  }
  if (rule.type != ColumnType::kTime) return json::find_double(object, key);
  const std::optional<int64_t> time = text::parse_time_ms(scalar_text(*value, where));
  if (!time) throw invalid_argument(where, ": ", key, " must be a time such as 2013-09-01T05:00:00Z");
  return static_cast<double>(*time);
}

std::vector<std::string> values_in(const json::object& object, const std::string& where) {
  std::vector<std::string> out;
  if (json::find(object, "values") == nullptr) return out;
  for (const json::value& value : json::get_array(object, "values")) out.push_back(scalar_text(value, where));
  if (out.empty()) throw invalid_argument(where, ": values is an empty list; leave it out to allow any");
  return out;
}

ColumnRule column_rule(const std::string& name, const json::value& document) {
  static const std::vector<std::string> known = {
      "type", "required", "max_missing_fraction", "min", "max", "values", "max_unknown_fraction", "unique", "pattern"};
  const std::string where = text::concat("column '", name, "'");
  const json::object& object = json::as_object(document, where);
  check_keys(object, known, where);
  ColumnRule rule;
  rule.name = name;
  rule.type = type_named(json::find_string(object, "type").value_or("any"), where);
  rule.is_required = json::find_bool(object, "required").value_or(true);
  rule.max_missing_fraction = fraction_in(object, "max_missing_fraction", where);
  rule.min = limit_in(object, "min", rule, where);
  rule.max = limit_in(object, "max", rule, where);
  rule.values = values_in(object, where);
  rule.max_unknown_fraction = fraction_in(object, "max_unknown_fraction", where);
  rule.is_unique = json::find_bool(object, "unique").value_or(false);
  rule.pattern = json::find_string(object, "pattern").value_or("");
  if (rule.min && rule.max && *rule.min > *rule.max) throw invalid_argument(where, ": min is over max");
  return rule;
}

std::optional<uint64_t> rows_in(const json::object& object, std::string_view key) {
  const std::optional<int64_t> value = json::find_int(object, key);
  if (!value) return std::nullopt;
  if (*value < 0) throw invalid_argument("table: ", key, " must not be negative");
  return static_cast<uint64_t>(*value);
}

void parse_table(const json::object& table, Schema& schema) {
  check_keys(table, {"min_rows", "max_rows", "extra_columns", "rules"}, "table");
  schema.min_rows = rows_in(table, "min_rows");
  schema.max_rows = rows_in(table, "max_rows");
  const std::string extra = json::find_string(table, "extra_columns").value_or("refuse");
  if (extra != "refuse" && extra != "allow") {
    throw invalid_argument("table: extra_columns must be refuse or allow, got '", extra, "'");
  }
  schema.allows_extra_columns = extra == "allow";
  if (json::find(table, "rules") == nullptr) return;
  for (const json::value& item : json::get_array(table, "rules")) {
    const json::object& rule = json::as_object(item, "a rule");
    check_keys(rule, {"name", "sql"}, "rules");
    schema.rules.push_back({json::get_string(rule, "name"), json::get_string(rule, "sql")});
  }
}

}  // namespace

Schema parse_schema(std::string_view yaml) {
  const json::value document = json::parse_yaml(yaml);
  const json::object& root = json::as_object(document, "the schema");
  check_keys(root, {"version", "table", "columns"}, "the schema");
  if (json::find_int(root, "version").value_or(1) != 1) {
    throw invalid_argument("the schema has version ", json::find_int(root, "version").value_or(1),
                           ", this program reads version 1");
  }
  Schema schema;
  if (json::find(root, "table") != nullptr) parse_table(json::get_object(root, "table"), schema);
  for (const auto& member : json::get_object(root, "columns")) {
    schema.columns.push_back(column_rule(std::string(member.key()), member.value()));
  }
  return schema;
}

Schema read_schema(const std::string& path) {
  try {
    return parse_schema(files::read(path));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    throw invalid_argument(path, ": ", error.what());
  }
}

}  // namespace slipway::validation
