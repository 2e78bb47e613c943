// Makes the calls that webhooks are owed, in the background: a few webhooks at a time, one call at a time for each, so
// that a slow receiver holds up nobody else; a webhook whose call failed lets the others go first. What fails for the
// moment is tried again, later each time, and given up after some tries; what has not been made is a row, so a restart
// goes on where the last process ended. A crash in the middle of a call repeats it. Several servers may share the
// queue: a call is made by whoever takes it first, and a signed one by a server that has the key. Used by app/server.
#pragma once

#include <memory>

#include "domains/webhooks/webhook.h"
#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/base/metrics.h"
#include "foundation/base/secret_box.h"
#include "foundation/sql/database.h"

namespace slipway::webhooks {

struct DeliveryRules {
  int max_retries = 3;
  int64_t attempt_ms = 30'000;         // the longest that one call may take
  int64_t first_wait_ms = 1000;        // doubles with every try
  int64_t longest_wait_ms = 60'000;    // between two tries
  int64_t longest_asked_ms = 600'000;  // a receiver's own wish beyond this is cut
  int64_t max_waiting = 1000;          // for one webhook; the oldest beyond it are dropped
  int workers = 4;
};

class Deliveries {
 public:
  // After Webhooks, which makes the tables. Everything must outlive it.
  Deliveries(sql::Database& database, Clock& clock, IdSource& ids, SecretBox& secrets, Transport transport,
             metrics::Registry& metrics, const DeliveryRules& rules = {});
  ~Deliveries();

  void start();
  // Waits for the calls under way.
  void stop();

  // What `start` repeats, in the calling thread; for tests. Returns the number of calls made.
  int deliver_due();
  // Drops what is over the limit.
  void trim();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace slipway::webhooks
