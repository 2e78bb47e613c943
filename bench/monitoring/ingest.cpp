// Predictions and labels into the store, durable: how fast, and how many bytes a prediction takes.
// Usage: bench_ingest [--folder DIR] [--rows 110000] [--batch 2000]
// The folder must lie on the disk in question.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/monitoring/prediction_store.h"
#include "foundation/base/id.h"
#include "foundation/base/text.h"

namespace {

using slipway::monitoring::LabelBatch;
using slipway::monitoring::PredictionBatch;
using slipway::monitoring::PredictionStore;

struct Settings {
  std::string folder = ".";
  size_t rows = 110'000;
  size_t batch = 2000;
};

PredictionBatch make_batch(size_t first, size_t rows, slipway::SeededIdSource& ids) {
  PredictionBatch out;
  out.model_version = "1";
  std::vector<slipway::tables::Column> columns;
  for (int k = 0; k < 20; ++k) columns.emplace_back("x" + std::to_string(k), slipway::tables::ColumnType::kDouble);
  for (size_t i = 0; i < rows; ++i) {
    out.ids.push_back("request-" + std::to_string(first + i) + "-0");
    out.times_ms.push_back(static_cast<int64_t>((first + i) * 60'000));
    out.scores.push_back(static_cast<double>(ids.next_u64() >> 11U) * 0x1p-53);
    for (auto& column : columns) column.append_double(static_cast<double>(ids.next_u64() >> 40U));
  }
  for (auto& column : columns) out.inputs.add(std::move(column));
  return out;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Settings parse(int argc, char** argv) {
  Settings out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--folder") out.folder = value;
    if (name == "--rows") out.rows = static_cast<size_t>(slipway::text::parse_int(value).value_or(110'000));
    if (name == "--batch") out.batch = static_cast<size_t>(slipway::text::parse_int(value).value_or(2000));
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = parse(argc, argv);
  const std::string path = settings.folder + "/bench_ingest.db";
  const auto remove = [&] {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  };
  remove();
  {
    slipway::SeededIdSource ids(1);
    const slipway::SystemClock clock;
    const auto database = slipway::sql::open_database(path);
    PredictionStore store(*database, clock);
    double predictions_s = 0;
    double labels_s = 0;
    for (size_t first = 0; first < settings.rows; first += settings.batch) {
      const PredictionBatch batch = make_batch(first, std::min(settings.batch, settings.rows - first), ids);
      auto start = std::chrono::steady_clock::now();
      store.add_predictions("m", batch);
      predictions_s += seconds_since(start);
      LabelBatch labels;
      labels.ids = batch.ids;
      labels.labels.assign(batch.ids.size(), 1);
      start = std::chrono::steady_clock::now();
      store.add_labels("m", labels);
      labels_s += seconds_since(start);
    }
    const auto bytes = std::filesystem::file_size(path) + std::filesystem::file_size(path + "-wal");
    const auto rows = static_cast<double>(settings.rows);
    std::printf(
        "%zu rows of 20 numbers in batches of %zu: predictions %.2f s (%.0f/s), labels %.2f s (%.0f/s), %.0f bytes a "
        "row\n",
        settings.rows, settings.batch, predictions_s, rows / predictions_s, labels_s, rows / labels_s,
        static_cast<double>(bytes) / rows);
  }
  remove();
  return 0;
}
