// Which tables and columns an MLflow database has: that depends on the version that made it, so it is looked at and not
// assumed. Used by the code that reads and fills such databases.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/sql/database.h"

namespace slipway::mlflow_store {

// The schema's name in MLflow 3.17, the version that this code was tried with.
inline constexpr std::string_view kKnownRevision = "dc11669786a5";

class SqlSchema {
 public:
  // Throws failed_precondition when it is not an MLflow database.
  explicit SqlSchema(sql::Transaction& transaction);

  bool has(const std::string& table) const { return tables_.contains(table); }
  bool has(const std::string& table, const std::string& column) const;
  // `alias."column"`, or the SQL text `otherwise` when there is no such column.
  std::string column(const std::string& table, std::string_view alias, const std::string& column,
                     std::string_view otherwise = "NULL") const;
  // "schema dc11669786a5", with a remark when this code was not tried with it.
  std::string description() const;
  const std::string& revision() const { return revision_; }

  // " AND alias.workspace = 'default'" where the table knows workspaces; else "".
  std::string in_default_workspace(const std::string& table, std::string_view alias) const;

 private:
  std::map<std::string, std::set<std::string>> tables_;
  std::string revision_;
};

}  // namespace slipway::mlflow_store
