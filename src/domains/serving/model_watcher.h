// Follows what the registry wants served: asks again and again, fetches a new version and exchanges it. Used by
// `slipway serve models:/NAME@ALIAS`.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "domains/serving/served_model.h"

namespace slipway::serving {

// How to ask the registry. Both throw unavailable or deadline_exceeded when it cannot be reached.
struct ModelSource {
  std::function<std::string()> wanted_version;
  std::function<ModelCandidate(const std::string& version)> fetch;
  std::function<void(const ModelCandidate& candidate)> taken{};  // it is served now; may be empty, must not throw
};

class ModelWatcher {
 public:
  struct Options {
    int64_t interval_ms = 1000;
    int64_t retry_refused_ms = 60'000;  // a version that failed is tried again after this
  };

  // The model must outlive this.
  ModelWatcher(ServedModel& model, ModelSource source, const Clock& clock, Options options);
  ~ModelWatcher();

  void start();
  void stop();
  // One look: exchanges the model when another version is wanted. Never throws; what went wrong is logged once per
  // change of state and, when a version is to blame, kept in the model's status.
  void poll_once();

 private:
  void follow(const std::string& version);
  void note_registry(const std::string& problem);
  bool is_refused_for_now(const std::string& version) const;

  ServedModel& model_;
  const ModelSource source_;
  const Clock& clock_;
  const Options options_;
  std::string problem_;  // why the registry's answer is missing, as logged last; empty when all is well
  std::string refused_version_;
  int64_t retry_at_ms_ = 0;
  std::mutex mutex_;  // for wake_ only
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace slipway::serving
