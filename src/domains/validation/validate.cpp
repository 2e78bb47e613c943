#include "domains/validation/validate.h"

#include <algorithm>

#include "domains/validation/column_checks.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"
#include "foundation/tables/parallel.h"
#include "foundation/tables/query.h"

namespace slipway::validation {

namespace {

using tables::Table;

Anomaly table_anomaly(const std::string& rule, const std::string& message) {
  Anomaly out;
  out.rule = rule;
  out.message = message;
  return out;
}

void check_row_count(const Table& table, const Schema& schema, std::vector<Anomaly>& out) {
  const uint64_t rows = table.rows();
  if (schema.min_rows && rows < *schema.min_rows) {
    out.push_back(table_anomaly("min_rows", text::concat(rows, " rows, at least ", *schema.min_rows, " are needed")));
  }
  if (schema.max_rows && rows > *schema.max_rows) {
    out.push_back(table_anomaly("max_rows", text::concat(rows, " rows, at most ", *schema.max_rows, " are allowed")));
  }
}

void check_extra_columns(const Table& table, const Schema& schema, std::vector<Anomaly>& out) {
  if (schema.allows_extra_columns) return;
  for (const tables::Column& column : table.columns()) {
    const auto is_same = [&](const ColumnRule& rule) { return rule.name == column.name(); };
    if (std::any_of(schema.columns.begin(), schema.columns.end(), is_same)) continue;
    Anomaly anomaly = table_anomaly("extra_column", "the schema has no such column");
    anomaly.column = column.name();
    anomaly.count = table.rows();
    anomaly.fraction = 1;
    out.push_back(std::move(anomaly));
  }
}

std::vector<Anomaly> check_rule(const Table& table, const ColumnRule& rule, const ValidateOptions& options) {
  const tables::Column* column = table.find(rule.name);
  if (column != nullptr) return check_column(*column, rule, options);
  if (!rule.is_required) return {};
  Anomaly anomaly = table_anomaly("column_absent", "the column is not there");
  anomaly.column = rule.name;
  anomaly.count = table.rows();
  anomaly.fraction = 1;
  return {anomaly};
}

// The rows where the expression is false, counted from 1. The comment sign ends a line, hence the new one.
Table rows_breaking(const ExpressionRule& rule, const tables::QueryOptions& options) {
  return tables::query(text::concat("SELECT file_row_number + 1 AS row FROM read_parquet('table.parquet', "
                                    "file_row_number = true) WHERE NOT coalesce((",
                                    rule.sql, "\n), true) ORDER BY 1"),
                       options);
}

Anomaly expression_anomaly(const ExpressionRule& rule, const tables::Column& rows, size_t table_rows,
                           const ValidateOptions& options) {
  Anomaly anomaly = table_anomaly(rule.name, "not true: " + rule.sql);
  anomaly.count = rows.size();
  anomaly.fraction = static_cast<double>(rows.size()) / static_cast<double>(table_rows);
  for (size_t i = 0; i < std::min(rows.size(), options.max_examples); ++i) {
    anomaly.examples.push_back({static_cast<uint64_t>(rows.integers()[i]), ""});
  }
  return anomaly;
}

void check_expressions(const Table& table, const Schema& schema, const ValidateOptions& options,
                       std::vector<Anomaly>& out) {
  if (schema.rules.empty() || table.column_count() == 0) return;
  const files::TemporaryFolder folder("slipway-validate");
  tables::write_table(table, folder.file("table.parquet"));
  tables::QueryOptions query;
  query.folder = folder.path();
  for (const ExpressionRule& rule : schema.rules) {
    try {
      const Table rows = rows_breaking(rule, query);
      if (rows.rows() != 0) out.push_back(expression_anomaly(rule, rows.get("row"), table.rows(), options));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
      out.push_back(table_anomaly(rule.name, text::concat("cannot be computed: ", error.what())));
    }
  }
}

}  // namespace

Verdict validate(const Table& table, const Schema& schema, const ValidateOptions& options, Progress* progress) {
  Verdict verdict;
  verdict.rows = table.rows();
  verdict.columns = table.column_count();
  check_row_count(table, schema, verdict.anomalies);
  check_extra_columns(table, schema, verdict.anomalies);
  std::vector<std::vector<Anomaly>> found(schema.columns.size());
  tables::for_each_parallel(
      found.size(), [&](size_t i) { found[i] = check_rule(table, schema.columns[i], options); }, progress);
  check_expressions(table, schema, options, verdict.anomalies);
  for (std::vector<Anomaly>& anomalies : found) {
    std::move(anomalies.begin(), anomalies.end(), std::back_inserter(verdict.anomalies));
  }
  return verdict;
}

Table read_for_schema(const std::string& path, const Schema& schema) {
  tables::ReadOptions options;
  options.show_progress = true;
  Table settled = tables::read_table(path, options);
  if (tables::format_of(path) != tables::FileFormat::kCsv) return settled;
  for (const ColumnRule& rule : schema.columns) {
    const tables::Column* column = settled.find(rule.name);
    const bool must_be_text = rule.type == tables::ColumnType::kText;
    if (column != nullptr && must_be_text && column->type() != tables::ColumnType::kText) {
      options.types[rule.name] = tables::ColumnType::kText;
    }
  }
  return options.types.empty() ? settled : tables::read_table(path, options);
}

}  // namespace slipway::validation
