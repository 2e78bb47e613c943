#include <array>
#include <cctype>
#include <cmath>

#include "domains/validation/schema.h"
#include "foundation/base/text.h"

namespace slipway::validation {

namespace {

using tables::ColumnType;

constexpr std::string_view kHowToEdit =
    R"(# Edit it: say what must hold, not only what held so far. A key that is left out does not restrict.
#   type: boolean | integer | double | text | time | any
#   required: false                the column may be absent altogether
#   max_missing_fraction: 0.05     of all rows; 0 when left out
#   min, max: 0                    numbers, or times such as 2013-09-01T05:00:00Z
#   values: [a, b]                 the allowed ones; max_unknown_fraction: 0.01 tolerates a few others
#   unique: true                   no value twice
#   pattern: "[A-Z]{3}"            regular expression for the whole text
# table.rules hold SQL expressions over the columns that must not be false in any row:
#   rules:
#     - {name: arrives after departure, sql: "arrived >= departed"}
)";

bool is_plain(std::string_view value) {
  static constexpr std::array kWords = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"};
  if (value.empty() || !(std::isalpha(static_cast<unsigned char>(value[0])) != 0 || value[0] == '_')) return false;
  for (const char* word : kWords) {
    if (text::equal_ignoring_case(value, word)) return false;
  }
  for (const char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.' && c != '/') return false;
  }
  return true;
}

// Text as YAML: bare where nothing could take it for something else, in double quotes otherwise.
std::string scalar(std::string_view value) {
  if (is_plain(value)) return std::string(value);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string limit(double value, const std::optional<ColumnType>& type) {
  if (type == ColumnType::kTime) return text::format_time_ms(static_cast<int64_t>(value));
  if (value == std::floor(value) && std::fabs(value) < 9e15) return text::format_fixed(value, 0);
  return text::format_double(value);
}

// A list on lines of readable length.
std::string list(const std::vector<std::string>& values) {
  constexpr size_t kWidth = 100;
  std::string out = "[";
  size_t width = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string item = scalar(values[i]) + (i + 1 == values.size() ? "" : ",");
    if (i != 0) out += width > kWidth ? "\n      " : " ";
    width = width > kWidth ? item.size() : width + item.size() + 1;
    out += item;
  }
  return out + "]";
}

std::string column_yaml(const ColumnRule& rule) {
  std::string out = text::concat("  ", scalar(rule.name), ":\n");
  const auto line = [&out](std::string_view key, std::string_view value) {
    out += text::concat("    ", key, ": ", value, "\n");
  };
  line("type", rule.type ? tables::name_of(*rule.type) : "any");
  if (!rule.is_required) line("required", "false");
  if (rule.max_missing_fraction > 0) line("max_missing_fraction", text::format_double(rule.max_missing_fraction));
  if (rule.min) line("min", limit(*rule.min, rule.type));
  if (rule.max) line("max", limit(*rule.max, rule.type));
  if (!rule.values.empty()) line("values", list(rule.values));
  if (rule.max_unknown_fraction > 0) line("max_unknown_fraction", text::format_double(rule.max_unknown_fraction));
  if (rule.is_unique) line("unique", "true");
  if (!rule.pattern.empty()) line("pattern", scalar(rule.pattern));
  return out;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

}  // namespace

std::string write_schema(const Schema& schema, const std::string& origin) {
  std::string out =
      text::concat("# What ", one_line(origin), " looks like; `slipway validate` holds data against it.\n", kHowToEdit,
                   "version: 1\ntable:\n");
  if (schema.min_rows) out += text::concat("  min_rows: ", *schema.min_rows, "\n");
  if (schema.max_rows) out += text::concat("  max_rows: ", *schema.max_rows, "\n");
  out += text::concat("  extra_columns: ", schema.allows_extra_columns ? "allow" : "refuse", "\n");
  if (!schema.rules.empty()) out += "  rules:\n";
  for (const ExpressionRule& rule : schema.rules) {
    out += text::concat("    - name: ", scalar(rule.name), "\n      sql: ", scalar(rule.sql), "\n");
  }
  out += schema.columns.empty() ? "columns: {}\n" : "columns:\n";
  for (const ColumnRule& rule : schema.columns) out += column_yaml(rule);
  return out;
}

}  // namespace slipway::validation
