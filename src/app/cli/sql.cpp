#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/table_text.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/base/progress.h"
#include "foundation/tables/io.h"
#include "foundation/tables/query.h"

namespace slipway::cli {

namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;

constexpr size_t kRowsShown = 100;

struct SqlOptions {
  std::string file;
  std::vector<std::string> variables;
  std::string output;
  tables::QueryOptions query;
  bool as_json = false;
};

std::map<std::string, std::string> variables_of(const std::vector<std::string>& settings) {
  std::map<std::string, std::string> out;
  for (const std::string& setting : settings) {
    const size_t sign = setting.find('=');
    if (sign == std::string::npos || sign == 0) throw invalid_argument("--set takes NAME=VALUE, got '", setting, "'");
    out[setting.substr(0, sign)] = setting.substr(sign + 1);
  }
  return out;
}

json::value cell_json(const Column& column, size_t row) {
  if (column.is_missing(row)) return nullptr;
  switch (column.type()) {
    case ColumnType::kBoolean:
      return column.integers()[row] != 0;
    case ColumnType::kInteger:
      return column.integers()[row];
    case ColumnType::kDouble:
      return json::number(column.doubles()[row]);
    default:
      return json::value(column.display(row));
  }
}

void print_json(const Table& table) {
  std::cout << "[";
  for (size_t row = 0; row < table.rows(); ++row) {
    json::object object;
    for (const Column& column : table.columns()) object[column.name()] = cell_json(column, row);
    std::cout << (row == 0 ? "\n" : ",\n") << json::write(object);
  }
  std::cout << (table.rows() == 0 ? "]\n" : "\n]\n");
}

void print_text(const Table& table) {
  if (table.column_count() == 0) return;
  std::vector<std::string> headers;
  for (const Column& column : table.columns()) headers.push_back(column.name());
  std::vector<std::vector<std::string>> rows(std::min(table.rows(), kRowsShown));
  for (size_t row = 0; row < rows.size(); ++row) {
    for (const Column& column : table.columns()) rows[row].push_back(column.display(row));
  }
  std::cout << table_text(headers, rows);
  if (table.rows() <= rows.size()) return;
  std::cout << "and " << table.rows() - rows.size() << " more rows; use --json or --output to get all\n";
}

std::string script_of(const std::string& file) {
  if (file != "-") return files::read(file);
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

Table run_query(const SqlOptions& options) {
  const std::string script = script_of(options.file);
  tables::QueryOptions query = options.query;
  query.variables = variables_of(options.variables);
  Progress progress("SQL statements", 0);
  query.on_statement = [&progress] { progress.add(); };
  try {
    return tables::query(script, query);
  } catch (const Error& error) {
    throw Error(error.code(), text::concat(options.file, ": ", error.what()));
  }
}

int run_sql(const SqlOptions& options) {
  if (!options.output.empty()) tables::format_of(options.output);  // a wrong name is told before the work
  const Table table = run_query(options);
  if (!options.output.empty()) {
    if (table.column_count() == 0) throw invalid_argument(options.file, ": the last statement gives no rows to write");
    tables::write_table(table, options.output);
  } else if (options.as_json) {
    print_json(table);
  } else {
    print_text(table);
  }
  return kExitOk;
}

}  // namespace

Command sql_command() {
  return {
      "sql", "Tables", "Run a SQL script over CSV and Parquet files",
      "  slipway sql features.sql --set month=9 --output features.parquet", [](CLI::App& app) -> Action {
        auto options = std::make_shared<SqlOptions>();
        app.add_option("FILE", options->file, "SQL script for DuckDB; - reads standard input")->required();
        app.add_option("--set", options->variables, "NAME=VALUE for each {{NAME}} in the script; may be repeated")
            ->take_all();
        app.add_option("--folder", options->query.folder, "Where relative paths in the script start");
        app.add_option("--threads", options->query.threads, "Threads to use; 0 for all cores")
            ->check(CLI::NonNegativeNumber);
        auto* output =
            app.add_option("--output", options->output, "Write the last result to a CSV, Parquet or Arrow file");
        app.add_flag("--json", options->as_json, "Print the last result as a JSON list of objects")->excludes(output);
        return [options] { return run_sql(*options); };
      }};
}

}  // namespace slipway::cli
