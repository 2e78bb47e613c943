// What a webhook is: somebody's address that is called when something happens. Used by the domain and by every protocol
// that shows webhooks or carries their calls.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"
#include "foundation/jobs/event_bus.h"

namespace slipway::webhooks {

using tracking::Page;

enum class Status { kActive, kDisabled };

struct Webhook {
  std::string id;
  std::string name;
  std::string url;
  std::string description;
  std::vector<std::string> kinds;  // of the events it is called for, as the subscriber put them in order
  Status status = Status::kActive;
  bool has_secret = false;  // the secret itself never comes out
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

struct NewWebhook {
  std::string name;
  std::string url;
  std::string description;
  std::vector<std::string> kinds;
  std::string secret;  // "": calls are not signed
  Status status = Status::kActive;
};

// What is not set stays as it is.
struct WebhookChange {
  std::optional<std::string> name;
  std::optional<std::string> url;
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> kinds;
  std::optional<std::string> secret;  // "" takes it away
  std::optional<Status> status;
};

// One call that has to be made.
struct Delivery {
  std::string id;  // the same on every try, so that the receiver can tell a repetition
  std::string url;
  std::string secret;
  jobs::Event event;
};

struct Outcome {
  int status = 0;              // of the answer; 0: there was none
  std::string body;            // its beginning
  std::string error;           // why there was no answer, for people
  bool may_retry = false;      // whether the same call may succeed later
  int64_t retry_after_ms = 0;  // as the receiver asks; 0: it does not say
  bool succeeded() const { return status >= 200 && status < 300; }
};

// Makes the call. Never throws for what the receiver or the network does.
using Transport = std::function<Outcome(const Delivery&)>;
// Throws invalid_argument for an address that must not be called.
using UrlCheck = std::function<void(const std::string& url)>;

}  // namespace slipway::webhooks
