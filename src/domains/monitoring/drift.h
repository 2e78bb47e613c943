// Drift between a reference and a current table: each column by the test that suits it, and the share of columns that
// drifted. Used by `slipway drift` and by the server's monitors.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domains/monitoring/column_sample.h"
#include "domains/monitoring/drift_methods.h"
#include "foundation/base/progress.h"
#include "foundation/tables/table.h"

namespace slipway::monitoring {

struct DriftChoice {
  std::optional<std::string> method;
  std::optional<double> threshold;
};

// What to test and how. A column's own choice wins over that of its type, which wins over the one for all.
struct DriftConfig {
  double share = 0.5;                // of drifted columns from which on the whole data has drifted
  std::vector<std::string> columns;  // empty: all that the reference has
  std::vector<std::string> ignore;
  DriftChoice all;
  DriftChoice numerical;
  DriftChoice categorical;
  std::map<std::string, DriftChoice, std::less<>> per_column;
  std::map<std::string, FeatureType, std::less<>> types;  // instead of inference
};

// From YAML (JSON is YAML): share, columns, ignore, method, threshold, numerical: {method, threshold}, categorical:
// {...}, per_column: {NAME: {method, threshold, type}}. Throws invalid_argument that names the key; unknown keys too.
DriftConfig parse_drift_config(const std::string& yaml);

struct ColumnDrift {
  std::string name;
  FeatureType type = FeatureType::kNumerical;
  // Null when the column vanished, one side has no values or the types do not fit: see note.
  const DriftMethod* method = nullptr;
  double score = 0;
  double threshold = 0;
  bool drifted = false;
  std::string note;
  double reference_missing_share = 0;
  double current_missing_share = 0;
  CountPair counts;  // for pictures: at most 20 bins or categories
};

struct DriftReport {
  size_t reference_rows = 0;
  size_t current_rows = 0;
  std::vector<ColumnDrift> columns;  // in the order of the reference
  std::vector<std::string> skipped;  // "booked_at: a time", with the reason
  size_t drifted_columns = 0;
  double share = 0;
  double share_threshold = 0.5;
  bool drifted = false;

  const ColumnDrift* find(std::string_view name) const;
};

// The samples of every column of a table, made on all cores.
class SampledTable {
 public:
  explicit SampledTable(const tables::Table& table, const std::vector<std::string>& columns = {},
                        Progress* progress = nullptr);
  size_t rows() const { return rows_; }
  const std::vector<ColumnSample>& columns() const { return columns_; }
  const ColumnSample* find(std::string_view name) const;

 private:
  size_t rows_ = 0;
  std::vector<ColumnSample> columns_;
};

// A column of the reference that the current data lacks has drifted. Throws invalid_argument for a column that is
// configured but absent, or a method that does not fit its type.
DriftReport detect_drift(const SampledTable& reference, const SampledTable& current, const DriftConfig& config);
// Also throws invalid_argument when nothing can be compared. Each column taken in, of both tables, is one step of
// `progress`.
DriftReport detect_drift(const tables::Table& reference, const tables::Table& current, const DriftConfig& config,
                         Progress* progress = nullptr);
// One column, as above.
ColumnDrift detect_column_drift(const ColumnSample& reference, const ColumnSample& current, const DriftConfig& config);

std::string drift_report_json(const DriftReport& report);
std::string drift_report_page(const DriftReport& report, const std::string& title);

}  // namespace slipway::monitoring
