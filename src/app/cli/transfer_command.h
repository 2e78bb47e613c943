// What push, fetch and pull share: their flags and the lines they end with.
#pragma once

#include <string>
#include <vector>

#include "app/cli/data_command.h"
#include "domains/data/remote.h"

namespace slipway::cli {

struct TransferFlags {
  DataFlags data;
  data::TransferOptions transfer;
  bool force = false;          // pull only
  bool allow_missing = false;  // pull only
  std::vector<std::string> targets;
};
void declare_transfer_flags(CLI::App& parser, TransferFlags& flags);

// Names what could not be moved. As in DVC, what is neither here nor there is only a warning; throws data_loss when
// something was damaged.
void report_rest(const data::TransferResult& result);
// "3 files pushed", or that there was nothing to do.
void print_transfer(const std::string& summary);

}  // namespace slipway::cli
