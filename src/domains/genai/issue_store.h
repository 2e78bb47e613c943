// The rows of issues. Used by Issues inside its transactions.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "domains/genai/issue.h"
#include "domains/tracking/paging.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

class IssueStore {
 public:
  explicit IssueStore(sql::Transaction& transaction) : transaction_(transaction) {}

  void insert(const Issue& issue);
  std::optional<Issue> find(const IssueId& id);
  // Throws not_found.
  Issue get(const IssueId& id);
  // Name, description, status, severity and time.
  void update(const Issue& issue);
  // The gravest first, then the newest.
  Page<Issue> search(const IssueSearch& search, const tracking::PageRequest& request);
  // In the order in which they came, after the row `after`.
  void read_after(int64_t after, int64_t limit, const std::function<void(int64_t row, Issue issue)>& on_issue);
  void forget_experiment(int64_t experiment);

 private:
  sql::Transaction& transaction_;
};

// Its place in the order of severities; -1 when there is none. Throws invalid_argument for an unknown one.
int64_t rank_of(const std::optional<std::string>& severity);

}  // namespace slipway::genai
