// The model that a server answers with just now, exchanged for another version without a request noticing: requests
// take the version that is current when they start and keep it alive until they end. Used by the predictor, the
// watcher and the inference protocols.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "domains/serving/runtime.h"
#include "foundation/base/clock.h"
#include "foundation/base/metrics.h"

namespace slipway::serving {

// Where a version lies on this machine.
struct ModelCandidate {
  std::string version;
  std::string folder;
  std::string source;  // the address it came from, for people
};

struct ServedVersion {
  std::unique_ptr<const Runtime> runtime;
  std::string version;
  std::string source;
  int64_t loaded_at_ms = 0;
  // Series of this version; they live as long as the registry.
  metrics::Counter* succeeded = nullptr;
  metrics::Counter* failed = nullptr;
  metrics::Counter* rows = nullptr;
  metrics::Histogram* seconds = nullptr;

  const packaging::Signature& signature() const { return runtime->signature(); }
};

class ServedModel {
 public:
  enum class State { kLoading, kReady, kFailed };
  struct Refusal {
    std::string version;
    std::string reason;
    int64_t at_ms = 0;
  };
  struct Status {
    State state = State::kLoading;
    std::string version;  // empty before the first
    std::string source;
    int64_t loaded_at_ms = 0;
    uint64_t swaps = 0;              // exchanges after the first version
    std::optional<Refusal> refused;  // the newest version that was not taken, until another one is
  };
  using Opener = std::function<std::unique_ptr<Runtime>(const std::string& model_folder)>;

  // The clock and the registry must outlive this.
  ServedModel(std::string name, Opener opener, const Clock& clock, metrics::Registry& registry);

  const std::string& name() const { return name_; }
  // The version to answer with; shared by the model and every request in flight on it. Throws unavailable before the
  // first version is there.
  std::shared_ptr<const ServedVersion> current() const;
  // nullptr before the first.
  std::shared_ptr<const ServedVersion> find_current() const;
  Status status() const;

  // Opens the candidate, tries it on made-up rows, then exchanges. Throws what went wrong; then the old version stays
  // and the reason is kept in status(). One at a time: by the watcher or by whoever starts the server.
  void replace(const ModelCandidate& candidate);
  // Keeps the reason why a version could not even be fetched.
  void refuse(const std::string& version, const std::string& reason);
  // The registry wants the current version again: an older refusal is no news any more.
  void forget_refusal();

 private:
  std::shared_ptr<ServedVersion> open(const ModelCandidate& candidate) const;
  void exchange(std::shared_ptr<const ServedVersion> next);

  const std::string name_;
  const Opener opener_;
  const Clock& clock_;
  metrics::Registry& registry_;
  // Guards the three below. A lock around one pointer copy; libstdc++ 12's std::atomic<std::shared_ptr> is a spin lock
  // too, with a relaxed unlock that ThreadSanitizer rightly reports.
  mutable std::mutex mutex_;
  std::shared_ptr<const ServedVersion> current_;  // shared with the requests in flight
  std::optional<Refusal> refused_;
  uint64_t swaps_ = 0;
};

std::string_view name_of(ServedModel::State state);

}  // namespace slipway::serving
