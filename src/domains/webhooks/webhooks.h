// The use cases of webhooks: who is to be called about what. Used by the protocols that show webhooks, and by domains
// whose changes they announce: those call `record` inside their own transaction, so a call is owed exactly when the
// change is there, whatever crashes after it. Deliveries makes the calls.
#pragma once

#include <string>

#include "domains/webhooks/webhook.h"
#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/base/secret_box.h"
#include "foundation/sql/database.h"

namespace slipway::webhooks {

class Webhooks {
 public:
  // Brings the tables up to date. Everything must outlive it.
  Webhooks(sql::Database& database, Clock& clock, IdSource& ids, SecretBox& secrets, UrlCheck check_url,
           Transport transport);

  // Throw invalid_argument for a name, an address or kinds that cannot be.
  Webhook create(const NewWebhook& webhook);
  // What waits for a webhook that gets disabled is dropped.
  Webhook update(const std::string& id, const WebhookChange& change);
  Webhook get(const std::string& id);
  Page<Webhook> list(int64_t max_results, const std::string& page_token);
  void remove(const std::string& id);
  // Calls at once, once, whatever its status, and tells how it went.
  Outcome try_out(const std::string& id, const jobs::Event& event);

  // One delivery for every active webhook that wants the event; part of the transaction.
  void record(sql::Transaction& transaction, const jobs::Event& event);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
  SecretBox& secrets_;
  const UrlCheck check_url_;
  const Transport transport_;
};

// A random UUID (version 4), as receivers of calls expect them.
std::string random_uuid(IdSource& ids);

}  // namespace slipway::webhooks
