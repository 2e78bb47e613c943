// The rows of webhooks. Used by Webhooks inside its transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/paging.h"
#include "domains/webhooks/webhook.h"
#include "foundation/sql/database.h"

namespace slipway::webhooks {

class WebhookStore {
 public:
  explicit WebhookStore(sql::Transaction& transaction) : transaction_(transaction) {}

  struct Found {
    int64_t row = 0;
    Webhook webhook;
    std::optional<std::string> sealed_secret;
  };
  // Throws not_found.
  Found get(const std::string& id);
  // The newest first.
  tracking::Page<Webhook> list(const tracking::PageRequest& request);
  // With its kinds; `sealed_secret` as SecretBox made it.
  void insert(const Webhook& webhook, const std::optional<std::string>& sealed_secret);
  void update(const Found& found);
  // With its kinds and all that waits for it.
  void remove(int64_t row);

 private:
  void load_kinds(std::vector<Found>& found);
  void insert_kinds(int64_t row, const std::vector<std::string>& kinds);

  sql::Transaction& transaction_;
};

}  // namespace slipway::webhooks
