// What one window of predictions says: drift against the reference, and performance on the labels that came. Functions
// of their arguments; Monitors decides which windows to look at.
#pragma once

#include <optional>
#include <string>

#include "domains/monitoring/drift.h"
#include "domains/monitoring/monitor.h"
#include "domains/monitoring/prediction_store.h"

namespace slipway::monitoring {

// A reference table made ready once for all windows of a monitor.
struct Reference {
  SampledTable inputs;
  std::optional<ColumnSample> scores;
  DriftConfig config;  // feature types are fixed by the reference, so that a small window cannot change them
  std::string description;
};

// Throws invalid_argument when the monitor names columns that the table lacks.
Reference prepare_reference(const Monitor& monitor, const tables::Table& table);

// Throws invalid_argument for a rule on a column that is not compared with the reference, or on scores without any.
void check_rules(const Monitor& monitor, const Reference& reference);

// `rows` with inputs.
Window evaluate_window(const Monitor& monitor, const Reference& reference, const PredictionRows& rows,
                       int64_t start_ms);
// Only what depends on labels; inputs are not needed.
void evaluate_performance(const PredictionRows& rows, Window& window);

}  // namespace slipway::monitoring
