#include <algorithm>

#include "domains/monitoring/drift.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/html/page.h"

namespace slipway::monitoring {

namespace {

json::object column_json(const ColumnDrift& column) {
  json::object out;
  out["column"] = column.name;
  out["type"] = name_of(column.type);
  out["method"] = column.method == nullptr ? json::value(nullptr) : json::value(column.method->name);
  out["score"] = json::number(column.score);
  out["threshold"] = column.threshold;
  out["drifted"] = column.drifted;
  out["reference_missing_share"] = column.reference_missing_share;
  out["current_missing_share"] = column.current_missing_share;
  if (!column.note.empty()) out["note"] = column.note;
  return out;
}

std::vector<double> heights(const std::vector<uint64_t>& counts) { return {counts.begin(), counts.end()}; }

html::Markup percent(double share) { return html::escaped(text::format_fixed(share * 100, 1) + " %"); }

std::vector<html::Markup> column_row(const ColumnDrift& column) {
  const std::string method = column.method == nullptr ? column.note : std::string(column.method->title);
  return {html::escaped(column.name),
          html::badge(column.drifted ? "drift" : "stable", column.drifted ? "bad" : "good"),
          html::escaped(name_of(column.type)),
          html::sparkbar(heights(column.counts.reference)),
          html::sparkbar(heights(column.counts.current)),
          html::escaped(method),
          html::escaped(text::format_fixed(column.score, 4)),
          html::escaped(text::format_double(column.threshold)),
          percent(column.reference_missing_share),
          percent(column.current_missing_share)};
}

}  // namespace

std::string drift_report_json(const DriftReport& report) {
  json::object out;
  out["drifted"] = report.drifted;
  out["drift_share"] = report.share;
  out["drift_share_threshold"] = report.share_threshold;
  out["drifted_columns"] = report.drifted_columns;
  out["column_count"] = report.columns.size();
  out["reference_rows"] = report.reference_rows;
  out["current_rows"] = report.current_rows;
  json::array columns;
  for (const ColumnDrift& column : report.columns) columns.push_back(column_json(column));
  out["columns"] = std::move(columns);
  out["skipped"] = json::array(report.skipped.begin(), report.skipped.end());
  return json::write_pretty(out);
}

std::string drift_report_page(const DriftReport& report, const std::string& title) {
  html::Markup body;
  body += html::badge(report.drifted ? "drift detected" : "no drift", report.drifted ? "bad" : "good");
  body += html::tiles({{"drifted columns", text::concat(report.drifted_columns, " of ", report.columns.size())},
                       {"drift share", text::format_fixed(report.share, 2)},
                       {"limit", text::format_fixed(report.share_threshold, 2)},
                       {"reference rows", text::concat(report.reference_rows)},
                       {"current rows", text::concat(report.current_rows)}});
  std::vector<const ColumnDrift*> order;
  for (const ColumnDrift& column : report.columns) order.push_back(&column);
  // What drifted comes first; otherwise the order of the data.
  std::stable_partition(order.begin(), order.end(), [](const ColumnDrift* column) { return column->drifted; });
  std::vector<std::vector<html::Markup>> rows;
  for (const ColumnDrift* column : order) rows.push_back(column_row(*column));
  body += html::table({"column", "verdict", "type", "reference", "current", "method", "score", "limit",
                       "missing before", "missing now"},
                      rows);
  if (!report.skipped.empty()) body += html::paragraph("Not compared: " + text::join(report.skipped, "; ") + ".");
  return html::page(title, body);
}

}  // namespace slipway::monitoring
