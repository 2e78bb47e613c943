#include "domains/serving/predictor.h"

#include <chrono>
#include <utility>

#include "foundation/base/error.h"

namespace slipway::serving {

namespace {

constexpr size_t kMaxIdBytes = 256;

void check_ids(const std::vector<std::string>& ids, size_t rows) {
  if (ids.size() != rows) throw invalid_argument(ids.size(), " prediction_ids for ", rows, " rows");
  for (const std::string& id : ids) {
    if (id.empty() || id.size() > kMaxIdBytes) {
      throw invalid_argument("a prediction id must have 1 to ", kMaxIdBytes, " bytes, got ", id.size());
    }
  }
}

tables::Table no_rows(const packaging::Signature& signature) {
  tables::Table table;
  for (const packaging::ColumnSpec& spec : signature.outputs) table.add(tables::Column(spec.name, spec.type));
  return table;
}

}  // namespace

std::vector<std::string> default_prediction_ids(const std::string& request_id, size_t rows) {
  if (rows == 1) return {request_id};
  std::vector<std::string> ids;
  ids.reserve(rows);
  for (size_t row = 0; row < rows; ++row) ids.push_back(request_id + "-" + std::to_string(row));
  return ids;
}

int64_t parse_event_time(std::string_view text) {
  const auto time_ms = text::parse_int(text);
  if (!time_ms) throw invalid_argument("the event time '", text, "' is not a number of UTC milliseconds");
  return *time_ms;
}

Predictor::Predictor(ServedModel& model, PredictionLog* log, const Clock& clock)
    : model_(model), log_(log), clock_(clock) {}

tables::Table Predictor::answer(const ServedVersion& version, const tables::Table& rows) const {
  const auto started = std::chrono::steady_clock::now();
  tables::Table outputs = rows.rows() == 0 ? no_rows(version.signature()) : version.runtime->predict(rows);
  if (outputs.rows() != rows.rows()) {
    throw internal_error("model '", model_.name(), "' answered ", outputs.rows(), " rows for ", rows.rows());
  }
  version.seconds->observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  return outputs;
}

tables::Table Predictor::predict(const ServedVersion& version, const tables::Table& rows,
                                 PredictionContext context) const {
  try {
    if (context.prediction_ids.empty()) {
      if (log_ != nullptr) context.prediction_ids = default_prediction_ids(context.request_id, rows.rows());
    } else {
      check_ids(context.prediction_ids, rows.rows());
    }
    tables::Table outputs = answer(version, rows);
    if (log_ != nullptr) {
      log_->append(
          {version.version, context.event_time_ms.value_or(clock_.now_ms()), &context.prediction_ids, &rows, &outputs});
    }
    version.succeeded->add();
    version.rows->add(static_cast<double>(rows.rows()));
    return outputs;
  } catch (...) {
    version.failed->add();
    throw;
  }
}

}  // namespace slipway::serving
