#include "domains/monitoring/alert_rules.h"

#include <cmath>

namespace slipway::monitoring {

namespace {

bool breaches(const AlertRule& rule, const Window& window) {
  return holds(rule.comparison, window.metric(rule.metric), rule.threshold);
}

bool enough_in_a_row(const Monitor& monitor, const AlertRule& rule, const std::vector<Window>& windows, size_t at) {
  int in_a_row = 0;
  for (size_t i = at + 1; i-- > 0 && in_a_row < rule.consecutive;) {
    if (!can_judge(monitor, rule, windows[i])) continue;
    if (!breaches(rule, windows[i])) return false;
    ++in_a_row;
  }
  return in_a_row >= rule.consecutive;
}

}  // namespace

bool can_judge(const Monitor& monitor, const AlertRule& rule, const Window& window) {
  if (window.rows < monitor.min_rows || std::isnan(window.metric(rule.metric))) return false;
  return !is_performance(rule.metric) || window.label_coverage() >= monitor.min_label_coverage;
}

AlertStep judge(const Monitor& monitor, const AlertRule& rule, const std::vector<Window>& windows, size_t at,
                const RuleState& state) {
  const Window& window = windows[at];
  if (!can_judge(monitor, rule, window)) return AlertStep::kNone;
  if (!breaches(rule, window)) {
    return state.open && window.end_ms >= state.fired_end_ms ? AlertStep::kResolve : AlertStep::kNone;
  }
  const bool rested = !state.ever_notified || window.end_ms >= state.notified_end_ms + rule.cool_down_ms;
  if (!rested) return AlertStep::kNone;
  if (state.open) {
    const bool later = window.end_ms > state.notified_end_ms;
    return rule.cool_down_ms > 0 && later ? AlertStep::kNotifyAgain : AlertStep::kNone;
  }
  return enough_in_a_row(monitor, rule, windows, at) ? AlertStep::kFire : AlertStep::kNone;
}

}  // namespace slipway::monitoring
