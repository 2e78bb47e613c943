#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/delimiter_flag.h"
#include "app/cli/table_text.h"
#include "domains/monitoring/drift.h"
#include "foundation/base/files.h"
#include "foundation/base/progress.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

struct DriftOptions {
  std::string reference;
  std::string current;
  std::string html;
  std::string config;
  std::vector<std::string> columns;
  std::optional<char> delimiter;
  bool as_json = false;
};

void print(const monitoring::DriftReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const monitoring::ColumnDrift& column : report.columns) {
    rows.push_back({column.name, std::string(monitoring::name_of(column.type)),
                    column.method == nullptr ? column.note : std::string(column.method->name),
                    text::format_fixed(column.score, 6), text::format_double(column.threshold),
                    column.drifted ? "DRIFT" : "stable"});
  }
  std::cout << table_text({"column", "type", "method", "score", "limit", "verdict"}, rows);
  for (const std::string& reason : report.skipped) std::cout << "not compared: " << reason << '\n';
  std::cout << '\n'
            << report.drifted_columns << " of " << report.columns.size() << " columns drifted (share "
            << text::format_fixed(report.share, 2) << ", limit " << text::format_fixed(report.share_threshold, 2)
            << "): " << (report.drifted ? "the data has drifted" : "no drift") << '\n';
}

int run(const DriftOptions& options) {
  monitoring::DriftConfig config;
  if (!options.config.empty()) config = monitoring::parse_drift_config(files::read(options.config));
  if (!options.columns.empty()) config.columns = options.columns;
  tables::ReadOptions reading;
  reading.columns = config.columns;
  reading.delimiter = options.delimiter;
  reading.show_progress = true;
  const tables::Table reference = tables::read_table(options.reference, reading);
  const tables::Table current = tables::read_table(options.current, reading);
  const monitoring::DriftReport report = [&] {
    Progress progress("Comparing columns", reference.column_count() + current.column_count());
    return monitoring::detect_drift(reference, current, config, &progress);
  }();
  if (!options.html.empty()) {
    const std::string title = text::concat("Drift of ", options.current, " against ", options.reference);
    files::write_atomic(options.html, monitoring::drift_report_page(report, title));
    std::cerr << "wrote " << options.html << '\n';
  }
  if (options.as_json) {
    std::cout << monitoring::drift_report_json(report);
  } else {
    print(report);
  }
  return report.drifted ? kExitFailed : kExitOk;
}

}  // namespace

Command drift_command() {
  Command command;
  command.name = "drift";
  command.group = "Monitoring";
  command.summary = "Compare a table with a reference, column by column; exit code 1 when the data has drifted";
  command.example =
      "  slipway drift january.parquet february.parquet --html drift.html\n"
      "  slipway drift train.csv recent.csv --columns distance carrier --json";
  command.declare = [](CLI::App& app) -> Action {
    const auto options = std::make_shared<DriftOptions>();
    app.add_option("reference", options->reference, "What it should look like: CSV, Parquet or Arrow")->required();
    app.add_option("current", options->current, "What it looks like now")->required();
    app.add_option("--html", options->html, "Write a report page to this file");
    app.add_option("--config", options->config, "YAML: share, method and threshold for all, per type and per column");
    app.add_option("--columns", options->columns, "Compare only these");
    add_delimiter_flag(app, options->delimiter);
    app.add_flag("--json", options->as_json, "Print as JSON");
    return [options] { return run(*options); };
  };
  return command;
}

}  // namespace slipway::cli
