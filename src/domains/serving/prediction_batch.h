// What is remembered of predictions, and its compact form in the spool. Used by the prediction log and whoever takes
// the log's batches further.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::serving {

// One request's predictions, as the predictor has them; refers to what the caller owns.
struct PredictionRecord {
  std::string_view model_version;
  int64_t time_ms = 0;
  const std::vector<std::string>* prediction_ids = nullptr;  // one per row, as the client chose; they may repeat
  const tables::Table* inputs = nullptr;
  const tables::Table* outputs = nullptr;
  std::string_view key{};  // this request's own, never used again
};

// Rows of one model version with the same columns, ready to be sent on.
struct PredictionBatch {
  std::string model_version;
  std::vector<std::string> prediction_ids;
  std::vector<std::string> keys;  // one per row; none where a record was written without
  std::vector<int64_t> time_ms;
  std::vector<tables::Column> inputs;
  std::vector<tables::Column> outputs;

  size_t rows() const { return prediction_ids.size(); }
  // Whether the rows of the other can follow ours.
  bool fits(const PredictionBatch& other) const;
  void append(const PredictionBatch& other);
};

// Replaces `out`.
void encode_record(const PredictionRecord& record, std::string& out);
// Throws data_loss for bytes that are no record.
PredictionBatch decode_record(std::string_view bytes);

}  // namespace slipway::serving
