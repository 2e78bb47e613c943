#include "domains/tracking/run.h"

#include <array>

#include "domains/tracking/logged_model.h"

namespace slipway::tracking {

namespace {
constexpr std::array<std::string_view, 5> kRunStatuses = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};
constexpr std::array<std::string_view, 3> kModelStatuses = {"PENDING", "READY", "UPLOAD_FAILED"};

template <typename Status, size_t kCount>
std::optional<Status> find_in(const std::array<std::string_view, kCount>& names, std::string_view name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<Status>(i);
  }
  return std::nullopt;
}
}  // namespace

std::string_view name_of(RunStatus status) { return kRunStatuses[static_cast<size_t>(status)]; }
std::optional<RunStatus> parse_run_status(std::string_view name) { return find_in<RunStatus>(kRunStatuses, name); }
bool has_ended(RunStatus status) { return status != RunStatus::kRunning && status != RunStatus::kScheduled; }

std::string_view name_of(LoggedModelStatus status) { return kModelStatuses[static_cast<size_t>(status)]; }
std::optional<LoggedModelStatus> parse_logged_model_status(std::string_view name) {
  return find_in<LoggedModelStatus>(kModelStatuses, name);
}

}  // namespace slipway::tracking
