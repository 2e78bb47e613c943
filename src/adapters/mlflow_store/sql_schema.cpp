#include "adapters/mlflow_store/sql_schema.h"

#include "foundation/base/error.h"

namespace slipway::mlflow_store {

namespace {
constexpr std::string_view kNeeded[] = {"experiments", "runs", "metrics", "params", "tags"};
}  // namespace

SqlSchema::SqlSchema(sql::Transaction& transaction) {
  const std::string_view statement =
      transaction.dialect() == sql::Dialect::kSqlite
          // table_xinfo knows generated columns too
          ? "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table'"
          : "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()";
  transaction.query(statement, {}, [&](const sql::Row& row) { tables_[row.get_text(0)].insert(row.get_text(1)); });
  if (has("alembic_version")) {
    revision_ = transaction
                    .query_one<std::string>("SELECT version_num FROM alembic_version", {},
                                            [](const sql::Row& row) { return row.get_text(0); })
                    .value_or("");
  }
  for (const std::string_view table : kNeeded) {
    if (!has(std::string(table)))
      throw failed_precondition("this is not an MLflow database of version 2 or 3: it has no table `", table, "` (",
                                description(), ")");
  }
}

bool SqlSchema::has(const std::string& table, const std::string& column) const {
  const auto found = tables_.find(table);
  return found != tables_.end() && found->second.contains(column);
}

std::string SqlSchema::column(const std::string& table, std::string_view alias, const std::string& column,
                              std::string_view otherwise) const {
  return has(table, column) ? text::concat(alias, ".\"", column, "\"") : std::string(otherwise);
}

std::string SqlSchema::description() const {
  if (revision_.empty()) return "schema without a version";
  return text::concat("schema ", revision_, revision_ == kKnownRevision ? "" : ", not that of MLflow 3.17");
}

std::string SqlSchema::in_default_workspace(const std::string& table, std::string_view alias) const {
  return has(table, "workspace") ? text::concat(" AND ", alias, ".workspace = 'default'") : "";
}

}  // namespace slipway::mlflow_store
