// Drift of a wide table against a reference, reading not included: ten numeric and ten text columns, default methods.
// Usage: bench_drift [--rows 1000000] [--rounds 5] [--write FOLDER]
// --write leaves reference.parquet and current.parquet there for evidently_drift.py, which measures the same work.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "domains/monitoring/drift.h"
#include "foundation/base/id.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace {

using slipway::tables::Column;
using slipway::tables::ColumnType;
using slipway::tables::Table;

struct Settings {
  size_t rows = 1'000'000;
  int rounds = 5;
  std::string write_folder;
};

double uniform(slipway::SeededIdSource& ids) { return static_cast<double>(ids.next_u64() >> 11U) * 0x1p-53; }

Table make_table(size_t rows, uint64_t seed, double shift) {
  slipway::SeededIdSource ids(seed);
  Table out;
  for (int k = 0; k < 10; ++k) {
    std::vector<double> values(rows);
    for (double& value : values) value = uniform(ids) + uniform(ids) + uniform(ids) + shift * (k % 3 == 0 ? 1 : 0);
    out.add(Column::of_doubles("number" + std::to_string(k), std::move(values)));
  }
  for (int k = 0; k < 10; ++k) {
    const double levels = 2 + 55.0 * k * k;  // 2 to 4457
    Column column("word" + std::to_string(k), ColumnType::kText);
    column.reserve(rows);
    for (size_t i = 0; i < rows; ++i) {
      const double u = uniform(ids);
      column.append_text("level" + std::to_string(static_cast<int>(u * (shift > 0 ? u : 1) * levels)));
    }
    out.add(std::move(column));
  }
  return out;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

Settings parse(int argc, char** argv) {
  Settings out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--rows") out.rows = static_cast<size_t>(slipway::text::parse_int(value).value_or(1'000'000));
    if (name == "--rounds") out.rounds = static_cast<int>(slipway::text::parse_int(value).value_or(5));
    if (name == "--write") out.write_folder = value;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = parse(argc, argv);
  const Table reference = make_table(settings.rows, 1, 0);
  const Table current = make_table(settings.rows, 2, 0.2);
  if (!settings.write_folder.empty()) {
    slipway::tables::write_table(reference, settings.write_folder + "/reference.parquet");
    slipway::tables::write_table(current, settings.write_folder + "/current.parquet");
  }
  const long before_mib = peak_mib();
  std::vector<double> walls;
  std::vector<double> cpus;
  size_t drifted = 0;
  for (int round = 0; round < settings.rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_seconds();
    drifted = slipway::monitoring::detect_drift(reference, current, {}).drifted_columns;
    cpus.push_back(cpu_seconds() - cpu_start);
    walls.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(walls.begin(), walls.end());
  std::sort(cpus.begin(), cpus.end());
  std::printf(
      "slipway drift, %zu rows x 20 columns, median of %d: %.3f s wall, %.3f s CPU, %ld MiB over the tables, %zu "
      "columns drifted\n",
      settings.rows, settings.rounds, walls[walls.size() / 2], cpus[cpus.size() / 2], peak_mib() - before_mib, drifted);
  return 0;
}
