// Which version a model server served last, and that its files are still what they were: what it starts with while the
// registry is away. Used by `slipway serve`.
#pragma once

#include <optional>
#include <string>

#include "domains/serving/served_model.h"

namespace slipway::serving {

class LastServed {
 public:
  // `address` and `server_url` tell one model server's memory from another's in the same cache.
  LastServed(const std::string& cache_folder, const std::string& server_url, const std::string& address);

  // Replaces what was remembered. A cache that cannot be written is told in the log, and keeps nobody from serving.
  void remember(const ModelCandidate& candidate) const;
  // Nothing when nothing was remembered. Throws data_loss when the files are not those that were served.
  std::optional<ModelCandidate> recall() const;

 private:
  std::string file_;
};

}  // namespace slipway::serving
