// Bodies of the monitoring routes: batches of predictions and labels in, tables and alerts out.
//
//   predictions  {"model_version": "3", "prediction_ids": ["r1-0", ...], "keys": [...], "time_ms": [1378000000000,
//   ...],
//                 "inputs": {"distance": [1400, ...], "carrier": ["UA", ...]}, "outputs": {"probability": [0.25, ...]}}
//   labels       {"prediction_ids": [...], "labels": [0, 1, ...], "time_ms": [arrival, ...]}
//
// Labels join by the prediction ids, which may repeat where each prediction has a key of its own; without `keys` an id
// counts once. Columns are arrays of one kind each, null where missing. The score is the output `probability`, else
// `prediction`, else `score`, else the first that holds numbers. Batches are read without a tree: they are the busiest
// bodies.
#pragma once

#include <string>
#include <string_view>

#include "domains/monitoring/monitor.h"
#include "domains/monitoring/prediction_store.h"

namespace slipway::protocol {

// Both throw invalid_argument that names the member or column.
monitoring::PredictionBatch decode_predictions(std::string_view body);
// Without time_ms the arrivals are empty.
monitoring::LabelBatch decode_labels(std::string_view body);

// {"rows": 2, "columns": {"name": [..], ...}}, null where missing.
std::string encode_table(const tables::Table& table);
std::string encode_alerts(const std::vector<monitoring::Alert>& alerts);

}  // namespace slipway::protocol
