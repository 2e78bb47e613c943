// Calls a webhook's address as MLflow does: the payload as JSON, a delivery id, a time and, with a secret, a signature
// over all three. Refuses addresses that a server must not be made to call. Used by app/server as the transport of the
// webhooks domain.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "domains/webhooks/webhook.h"
#include "foundation/base/clock.h"
#include "foundation/http/client.h"

namespace slipway::mlflow {

struct WebhookSenderOptions {
  std::vector<std::string> schemes = {"https"};  // of http and https
  // Also loopback, private networks and whatever else is not the public internet.
  bool allow_private_addresses = false;
  int64_t timeout_ms = 30'000;  // of one whole call
  std::string ca_file;          // empty: the system's
};

// Safe to share between threads.
class WebhookSender {
 public:
  explicit WebhookSender(const Clock& clock, WebhookSenderOptions options = {});

  // Throws invalid_argument in MLflow's words. A name is resolved unless private addresses are allowed; the call judges
  // again what it resolves to then.
  void check_url(const std::string& url) const;
  webhooks::Outcome send(const webhooks::Delivery& delivery) const;

 private:
  const Clock& clock_;
  const WebhookSenderOptions options_;
  const std::unique_ptr<http::Client> client_;
};

// "v1,BASE64" of HMAC-SHA-256 over "id.time.payload".
std::string webhook_signature(const std::string& secret, const std::string& delivery_id, const std::string& timestamp_s,
                              const std::string& payload);

}  // namespace slipway::mlflow
