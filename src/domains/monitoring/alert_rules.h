// When a rule fires, notifies again and resolves: pure functions of the windows, for Monitors and its tests.
#pragma once

#include <optional>
#include <vector>

#include "domains/monitoring/monitor.h"

namespace slipway::monitoring {

// What the rule does at a window.
enum class AlertStep { kNone, kFire, kNotifyAgain, kResolve };

struct RuleState {
  bool open = false;  // an alert of the rule is firing
  bool ever_notified = false;
  int64_t notified_end_ms = 0;  // end of the window of its last notification, of any alert
  int64_t fired_end_ms = 0;     // end of the window that fired the open alert
};

// Whether the window says anything about the rule: enough rows, a value, and for performance enough labels.
bool can_judge(const Monitor& monitor, const AlertRule& rule, const Window& window);

// `windows` ascending, `at` the one to judge. Windows that cannot be judged are passed over: they neither break nor
// lengthen a row of breaches. An open alert that goes on breaching notifies again once the cool-down has passed, so
// that a refused retraining does not silence the rule; without a cool-down it notifies once.
AlertStep judge(const Monitor& monitor, const AlertRule& rule, const std::vector<Window>& windows, size_t at,
                const RuleState& state);

}  // namespace slipway::monitoring
