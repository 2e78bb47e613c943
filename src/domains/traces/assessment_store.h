// The rows of assessments. Used by Assessments and TraceStore inside their transactions.
#pragma once

#include <optional>
#include <vector>

#include "domains/traces/assessment.h"
#include "foundation/sql/database.h"

namespace slipway::traces {

class AssessmentStore {
 public:
  explicit AssessmentStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Inserts it or replaces the one of that id; false when the id belongs to another trace, then nothing is done.
  bool put(const Assessment& assessment);
  std::optional<Assessment> find(const TraceId& trace, const AssessmentId& id);
  // In the order of their creation. `traces` are the ids.
  std::vector<Assessment> of_traces(const sql::Values& traces);
  bool set_valid(const TraceId& trace, const std::string& id, bool is_valid);
  void remove(const TraceId& trace, const AssessmentId& id);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::traces
