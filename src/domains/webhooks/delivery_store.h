// The rows of calls that wait to be made. Used by Webhooks, which adds them, and by Deliveries, which makes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "foundation/jobs/event_bus.h"
#include "foundation/sql/database.h"

namespace slipway::webhooks {

class DeliveryStore {
 public:
  explicit DeliveryStore(sql::Transaction& transaction) : transaction_(transaction) {}

  struct Claimed {
    int64_t row = 0;
    std::string delivery_id;
    std::string webhook_id;
    std::string url;
    std::optional<std::string> sealed_secret;
    int64_t attempts = 0;  // with the one that begins now
    jobs::Event event;
  };

  // The rows of active webhooks that want events of this kind.
  std::vector<int64_t> subscribers(const std::string& kind);
  void insert(int64_t webhook, const std::string& delivery_id, const jobs::Event& event, int64_t due_ms);

  // The active webhooks for which something is due, the longest waiting first.
  std::vector<int64_t> webhooks_due(int64_t now_ms, int64_t limit);
  // Takes the webhook's delivery that has been due longest; it becomes due again at `lease_end_ms`, should whoever
  // took it not come back. Nothing when none is due or somebody else was quicker.
  std::optional<Claimed> claim(int64_t webhook, int64_t now_ms, int64_t lease_end_ms);
  void postpone(int64_t row, int64_t due_ms);
  // Undoes a claim: due now, and the attempt does not count.
  void give_back(const Claimed& claimed, int64_t now_ms);
  void remove(int64_t row);
  // All that waits for the webhook.
  void forget(int64_t webhook);
  // What a dead process had taken is due at once.
  void release_all(int64_t now_ms);

  struct Surplus {
    int64_t webhook = 0;
    int64_t count = 0;
  };
  // Webhooks for which more than `limit` wait, and those that are gone or disabled, with what is too much.
  std::vector<Surplus> surplus(int64_t limit);
  // The oldest ones; returns how many went.
  int64_t drop_oldest(const Surplus& surplus);
  int64_t count_waiting();

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::webhooks
