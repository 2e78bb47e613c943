// The one use case of a model server: answer rows with the current version, count, remember. Used by every inference
// protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domains/serving/prediction_log.h"
#include "domains/serving/served_model.h"

namespace slipway::serving {

// What a request says beside its rows.
struct PredictionContext {
  std::string request_id;
  std::vector<std::string> prediction_ids;  // one per row, or none: then they come from the request's id
  std::optional<int64_t> event_time_ms;     // when what is predicted happened; none: now
};

class Predictor {
 public:
  // `log` may be null: nothing is remembered. All must outlive this.
  Predictor(ServedModel& model, PredictionLog* log, const Clock& clock);

  const ServedModel& model() const { return model_; }
  // The version to read a request for and to answer it with, through to its end.
  std::shared_ptr<const ServedVersion> current() const { return model_.current(); }

  // One output row per input row, columns as in the version's signature. When it returns, the predictions are logged.
  // Throws invalid_argument for rows that the model does not take.
  tables::Table predict(const ServedVersion& version, const tables::Table& rows, PredictionContext context) const;

 private:
  tables::Table answer(const ServedVersion& version, const tables::Table& rows) const;

  ServedModel& model_;
  PredictionLog* log_;
  const Clock& clock_;
};

// UTC milliseconds as a client writes them ("1378008000000"). Throws invalid_argument.
int64_t parse_event_time(std::string_view text);
// "<request id>" for one row, "<request id>-<row>" for several.
std::vector<std::string> default_prediction_ids(const std::string& request_id, size_t rows);

}  // namespace slipway::serving
