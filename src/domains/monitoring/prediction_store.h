// Predictions and the labels that arrive for them, durable and joined by prediction id. Made for millions of rows: the
// cells are kept as columnar chunks per batch and day of event time; per prediction there is one narrow key row, which
// makes sending a batch twice harmless and finds the day of a label.
//
// Labels may come before their prediction (they wait), days after it, or again with another value (the last one
// counts). Ids are kept as 64-bit hashes: two of ten million fall together with a chance of three in a million.
//
// An id is what its client chose to join labels by, and clients repeat theirs: a retry, a constant, a proxy's id. So
// that no prediction is lost by that, a model server gives each a key of its own. Then an id may name several
// predictions, and a label joins the one that came last.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/sql/database.h"
#include "foundation/tables/table.h"

namespace slipway::monitoring {

constexpr int64_t kDayMs = 86'400'000;

struct PredictionBatch {
  std::string model_version;
  std::vector<std::string> ids;  // labels join by them
  // Tell a batch that is sent again from other predictions with the same ids. Empty: the ids do, each counts once.
  std::vector<std::string> keys;
  std::vector<int64_t> times_ms;  // event time
  std::vector<double> scores;
  tables::Table inputs;  // as many rows, or no column at all
};

struct LabelBatch {
  std::vector<std::string> ids;
  std::vector<double> labels;
  std::vector<int64_t> arrivals_ms;  // empty: now
};

struct PredictionReceipt {
  size_t accepted = 0;
  size_t repeated = 0;  // keys (or ids without keys) seen before: nothing was stored for them
  size_t reused = 0;    // of the accepted: their id is that of an earlier prediction, too
};

struct LabelReceipt {
  size_t joined = 0;
  size_t waiting = 0;    // no prediction of that id yet
  size_t repeated = 0;   // the same label was there already
  size_t ambiguous = 0;  // of the joined and repeated: the id names several predictions, the last one has the label
};

// What changed when: each write to a day takes the next revision of its model.
struct DayRevision {
  int64_t day = 0;  // event time / kDayMs
  int64_t predictions = 0;
  int64_t labels = 0;
};

struct PredictionRows {
  std::vector<int64_t> times_ms;
  std::vector<double> scores;
  std::vector<double> labels;  // NaN: none yet
  std::vector<uint32_t> version_of_row;
  std::vector<std::string> versions;
  tables::Table inputs;  // only when asked for

  size_t rows() const { return times_ms.size(); }
};

enum class ReadInputs { kYes, kNo };

class PredictionStore {
 public:
  PredictionStore(sql::Database& database, const Clock& clock);

  // Both return once what they took is durable. Throw invalid_argument for uneven lengths, empty ids, or an event time
  // before 1970 or over a day ahead of now (one such row would close every window).
  PredictionReceipt add_predictions(const std::string& model, const PredictionBatch& batch);
  LabelReceipt add_labels(const std::string& model, const LabelBatch& batch);

  // The latest event time seen; nothing for a model without predictions.
  std::optional<int64_t> newest_ms(const std::string& model) const;
  std::vector<DayRevision> day_revisions(const std::string& model) const;
  // Rows with from_ms <= event time < to_ms, in the order they arrived, day by day.
  PredictionRows read(const std::string& model, int64_t from_ms, int64_t to_ms, ReadInputs inputs) const;

 private:
  sql::Database& database_;
  const Clock& clock_;
};

// One table of several whose columns may differ: a column is there if any has it, missing where a part lacks it; whole
// numbers and fractions become fractions, other mixtures text. `rows` picks the rows of each part.
tables::Table concatenate(const std::vector<tables::Table>& parts, const std::vector<std::vector<size_t>>& rows);

}  // namespace slipway::monitoring
