#include "domains/serving/model_watcher.h"

#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::serving {

namespace {

// The network's fault, not the version's.
bool is_passing(ErrorCode code) { return code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded; }

}  // namespace

ModelWatcher::ModelWatcher(ServedModel& model, ModelSource source, const Clock& clock, Options options)
    : model_(model), source_(std::move(source)), clock_(clock), options_(options) {}

ModelWatcher::~ModelWatcher() { stop(); }

void ModelWatcher::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      poll_once();
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, std::chrono::milliseconds(options_.interval_ms), [] { return false; });
    }
  });
}

void ModelWatcher::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void ModelWatcher::poll_once() {
  try {
    const std::string version = source_.wanted_version();
    const auto current = model_.find_current();
    if (current != nullptr && current->version == version) {
      if (!std::exchange(refused_version_, "").empty()) model_.forget_refusal();
    } else if (!is_refused_for_now(version)) {
      follow(version);
    }
    note_registry("");
  } catch (const std::exception& error) {
    note_registry(error.what());
  }
}

bool ModelWatcher::is_refused_for_now(const std::string& version) const {
  return version == refused_version_ && clock_.now_ms() < retry_at_ms_;
}

// Throws only what is the registry's or the network's fault.
void ModelWatcher::follow(const std::string& version) {
  try {
    const ModelCandidate candidate = source_.fetch(version);
    try {
      model_.replace(candidate);
      refused_version_.clear();
      if (source_.taken) source_.taken(candidate);
      return;
    } catch (const std::exception&) {
      // replace() has kept and logged the reason.
    }
  } catch (const Error& error) {
    if (is_passing(error.code())) throw;
    model_.refuse(version, error.what());
  } catch (const std::exception& error) {
    model_.refuse(version, error.what());
  }
  refused_version_ = version;
  retry_at_ms_ = clock_.now_ms() + options_.retry_refused_ms;
}

void ModelWatcher::note_registry(const std::string& problem) {
  // The text may differ from one attempt to the next; only going from well to ill and back is news.
  if (problem.empty() != problem_.empty()) {
    if (problem.empty()) {
      log::info("model.follows_registry_again", {{"model", model_.name()}});
    } else {
      log::warning("model.cannot_follow_registry", {{"model", model_.name()}, {"reason", problem}});
    }
  }
  problem_ = problem;
}

}  // namespace slipway::serving
