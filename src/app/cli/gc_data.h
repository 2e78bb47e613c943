// `gc` as dvc has it: of the cache of tracked data.
#pragma once

#include <string>
#include <vector>

#include "app/cli/data_command.h"
#include "domains/data/garbage.h"

namespace slipway::cli {

struct DataGcFlags {
  DataFlags data;
  data::GarbageOptions garbage;
  bool workspace = false;
  std::optional<size_t> commits;
  std::string date;
  bool force = false;

  // Whether the command line speaks of tracked data.
  bool is_meant() const;
};
void declare_data_gc(CLI::App& parser, DataGcFlags& flags);
int run_data_gc(const DataGcFlags& flags);

}  // namespace slipway::cli
