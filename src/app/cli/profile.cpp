#include "domains/monitoring/profile.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/delimiter_flag.h"
#include "app/cli/table_text.h"
#include "foundation/base/files.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

struct ProfileOptions {
  std::string data;
  std::string html;
  std::vector<std::string> columns;
  std::optional<char> delimiter;
  bool as_json = false;
};

std::vector<std::string> row_of(const monitoring::ColumnProfile& column, uint64_t rows) {
  const double missing = rows == 0 ? 0 : 100 * static_cast<double>(column.missing) / static_cast<double>(rows);
  std::vector<std::string> row = {column.name, std::string(tables::name_of(column.type)),
                                  text::format_fixed(missing, 2) + " %",
                                  (column.distinct_is_estimate ? "~" : "") + std::to_string(column.distinct)};
  const bool has_mean = column.numbers && column.type != tables::ColumnType::kTime;
  row.push_back(monitoring::min_text(column));
  row.push_back(has_mean ? monitoring::number_text(column.numbers->mean, column.type) : "");
  row.push_back(monitoring::max_text(column));
  row.push_back(column.top.empty() || column.is_unique ? "" : column.top[0].value);
  return row;
}

std::string text_of(const monitoring::Profile& profile, const std::string& data) {
  std::vector<std::vector<std::string>> rows;
  for (const monitoring::ColumnProfile& column : profile.columns) rows.push_back(row_of(column, profile.rows));
  return text::concat(
      data, ": ", profile.rows, " rows, ", profile.columns.size(), " columns, ", profile.duplicate_rows,
      " duplicate rows\n\n",
      table_text({"column", "type", "missing", "distinct", "min", "mean", "max", "most frequent"}, rows));
}

int run_profile(const ProfileOptions& options) {
  tables::ReadOptions read;
  read.columns = options.columns;
  read.delimiter = options.delimiter;
  read.show_progress = true;
  const tables::Table table = tables::read_table(options.data, read);
  const monitoring::Profile profile = [&] {
    Progress progress("Profiling " + options.data, table.column_count());
    return monitoring::profile(table, &progress);
  }();
  if (!options.html.empty()) {
    const std::string name = std::filesystem::path(options.data).filename().string();
    files::write_atomic(options.html, monitoring::to_html(profile, "Profile of " + name));
    std::cerr << "wrote " << options.html << '\n';
  }
  std::cout << (options.as_json ? monitoring::to_json(profile) : text_of(profile, options.data));
  return kExitOk;
}

}  // namespace

Command profile_command() {
  return {"profile", "Tables", "Describe a table: types, missing cells, distributions, duplicates",
          "  slipway profile flights.csv --html profile.html", [](CLI::App& app) -> Action {
            auto options = std::make_shared<ProfileOptions>();
            app.add_option("DATA", options->data, "CSV, Parquet or Arrow file")->required();
            app.add_option("--html", options->html, "Write a report for the browser to this file");
            app.add_option("--columns", options->columns, "Only these columns, separated by commas")->delimiter(',');
            add_delimiter_flag(app, options->delimiter);
            app.add_flag("--json", options->as_json, "Print the profile as JSON");
            return [options] { return run_profile(*options); };
          }};
}

}  // namespace slipway::cli
