// The rows of spans. Used by Traces inside its transactions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/traces/span.h"
#include "foundation/sql/database.h"

namespace slipway::traces {

// A span with what is computed from it once, before anything is locked.
struct PreparedSpan {
  Span span;
  std::string content;
  std::optional<std::string> type;
  std::optional<std::string> model_name;
  std::optional<std::string> model_provider;
  std::optional<std::string> tokens;  // JSON objects of numbers
  std::optional<std::string> cost;
  bool tokens_covered = false;
  bool cost_covered = false;
};
PreparedSpan prepare(Span span);
// The member of its cost; nothing when there is no such number.
std::optional<double> cost_of(const PreparedSpan& prepared, std::string_view key);

class SpanStore {
 public:
  explicit SpanStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // In few statements, however many there are. A span that is known already is replaced, but for what covers it. No two
  // may be the same.
  void put(const std::vector<PreparedSpan*>& spans);
  int64_t count(const TraceId& trace);
  // At most `limit`, roots first, then by start, beginning after `after`.
  std::vector<Span> page(const TraceId& trace, const std::optional<SpanCursor>& after, int64_t limit);

  // Runs `head` + "WHERE trace_id = ? AND column IN (...)" + `tail` in portions.
  void query_of_trace(std::string_view head, const TraceId& trace, const std::string& column,
                      const std::vector<std::string>& ids, std::string_view tail,
                      const std::function<void(const sql::Row&)>& on_row);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::traces
