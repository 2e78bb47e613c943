// Moves objects between the cache and a remote. A folder's own object always goes last, so that where it is found the
// whole folder is: DVC relies on that too.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "domains/data/selection.h"

namespace slipway::data {

struct TransferOptions {
  // Empty: the default one, and for outputs that name one, theirs.
  std::string remote;
  size_t jobs = 0;  // 0: of the remote's configuration, else by the number of cores
  bool run_cache = false;
};

struct TransferResult {
  size_t transferred = 0;
  // Neither here nor there, with the path that records them.
  std::vector<std::string> missing;
  // What could not be moved because its content is not what its name says, each with the reason. The rest was moved.
  std::vector<std::string> damaged;
  // Versions that could not be read.
  std::vector<std::string> skipped;
};

// Throw invalid_argument when there is no such remote, and what select throws.
TransferResult push(Repository& repository, const Selection& selection, const TransferOptions& options);
TransferResult fetch(Repository& repository, const Selection& selection, const TransferOptions& options);

// Sends what one record names from the cache.
void send_record(Repository& repository, const Record& record, const std::string& shown,
                 const TransferOptions& options);

// A map from what is recorded to "new" (only in the cache), "deleted" (only on the remote) or "missing" (nowhere).
Value remote_status(Repository& repository, const Selection& selection, const TransferOptions& options);

}  // namespace slipway::data
