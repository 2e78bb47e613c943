#include "domains/gateway/routing.h"

#include <algorithm>
#include <limits>

namespace slipway::gateway {

namespace {

using Mappings = std::vector<const ModelMapping*>;

// Those that can be called.
Mappings with_linkage(const Endpoint& endpoint, Linkage linkage) {
  Mappings out;
  for (const ModelMapping& mapping : endpoint.mappings) {
    if (mapping.config.linkage == linkage && !mapping.definition.secret_id.empty()) out.push_back(&mapping);
  }
  return out;
}

// Weights of nothing but zero count as equal.
const ModelMapping* drawn(const Mappings& primary, double chance) {
  double total = 0;
  for (const ModelMapping* mapping : primary) total += mapping->config.weight;
  const auto weight_of = [&](const ModelMapping* mapping) { return total > 0 ? mapping->config.weight : 1; };
  double left = chance * (total > 0 ? total : static_cast<double>(primary.size()));
  const ModelMapping* last = nullptr;
  for (const ModelMapping* mapping : primary) {
    if (weight_of(mapping) <= 0) continue;
    last = mapping;
    left -= weight_of(mapping);
    if (left < 0) break;
  }
  return last;
}

}  // namespace

Mappings order_of_attempts(const Endpoint& endpoint, double chance) {
  const Mappings primary = with_linkage(endpoint, Linkage::kPrimary);
  if (primary.empty()) return {};
  Mappings out = {endpoint.splits_traffic ? drawn(primary, chance) : primary[0]};
  if (!endpoint.fallback) return out;
  Mappings fallbacks = with_linkage(endpoint, Linkage::kFallback);
  std::stable_sort(fallbacks.begin(), fallbacks.end(), [](const ModelMapping* a, const ModelMapping* b) {
    constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
    return a->config.fallback_order.value_or(kLast) < b->config.fallback_order.value_or(kLast);
  });
  // No number and zero both mean all of them.
  const int64_t most = endpoint.fallback->max_attempts.value_or(0);
  if (most > 0 && static_cast<int64_t>(fallbacks.size()) > most) fallbacks.resize(static_cast<size_t>(most));
  out.insert(out.end(), fallbacks.begin(), fallbacks.end());
  return out;
}

}  // namespace slipway::gateway
