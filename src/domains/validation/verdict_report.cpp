#include <algorithm>

#include "domains/validation/validate.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::validation {

namespace {

json::object anomaly_json(const Anomaly& anomaly) {
  json::array examples;
  for (const Example& example : anomaly.examples) examples.push_back({{"row", example.row}, {"value", example.value}});
  json::object out;
  out["column"] = anomaly.column.empty() ? json::value(nullptr) : json::value(anomaly.column);
  out["rule"] = anomaly.rule;
  out["message"] = anomaly.message;
  out["count"] = anomaly.count;
  out["fraction"] = anomaly.fraction;
  out["examples"] = std::move(examples);
  return out;
}

// Cells come from anywhere; what would move the terminal's cursor is shown as a question mark.
std::string printable(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return text;
}

std::string anomaly_text(const Anomaly& anomaly) {
  std::string out = anomaly.column.empty() ? "  table" : "  column '" + printable(anomaly.column) + "'";
  out += text::concat(" [", anomaly.rule, "]: ", anomaly.message);
  if (anomaly.count != 0) {
    out += text::concat("; ", anomaly.count, anomaly.count == 1 ? " row (" : " rows (",
                        text::format_fixed(anomaly.fraction * 100, 2), " %)");
  }
  out += "\n";
  for (const Example& example : anomaly.examples) {
    const bool has_value = !example.value.empty();
    out += text::concat("    row ", example.row, has_value ? ": " : "", printable(example.value), "\n");
  }
  const uint64_t hidden = anomaly.count - std::min<uint64_t>(anomaly.count, anomaly.examples.size());
  if (hidden != 0 && !anomaly.examples.empty()) out += text::concat("    and ", hidden, " more\n");
  return out;
}

}  // namespace

std::string to_json(const Verdict& verdict) {
  json::array anomalies;
  for (const Anomaly& anomaly : verdict.anomalies) anomalies.push_back(anomaly_json(anomaly));
  json::object out;
  out["valid"] = verdict.is_valid();
  out["rows"] = verdict.rows;
  out["columns"] = verdict.columns;
  out["anomalies"] = std::move(anomalies);
  return json::write_pretty(out);
}

std::string to_text(const Verdict& verdict, const std::string& data) {
  const std::string size = text::concat(verdict.rows, " rows, ", verdict.columns, " columns");
  if (verdict.is_valid()) return text::concat(data, " is valid: ", size, "\n");
  const size_t count = verdict.anomalies.size();
  std::string out =
      text::concat(data, " is not valid: ", count, count == 1 ? " anomaly in " : " anomalies in ", size, "\n");
  for (const Anomaly& anomaly : verdict.anomalies) out += anomaly_text(anomaly);
  return out;
}

}  // namespace slipway::validation
