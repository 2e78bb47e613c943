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
  data::Selection selection;
};
// Which versions and targets: shared with `status`.
void declare_selection_flags(CLI::App& parser, data::Selection& selection);
void declare_transfer_flags(CLI::App& parser, TransferFlags& flags);

// Names what could not be moved. As in DVC, what is neither here nor there is only a warning; throws data_loss when
// something was damaged.
void report_rest(const data::TransferResult& result);
// Says that there is no remote to bring anything from, as DVC does.
void warn_without_remote(data::Repository& repository, const TransferFlags& flags);
// "3 files pushed", or that there was nothing to do.
void print_transfer(const std::string& summary);

}  // namespace slipway::cli
