// Where a call of a provider goes and with which headers. Used by ProviderClient.
#pragma once

#include <string>

#include "domains/gateway/catalog.h"
#include "domains/gateway/model.h"
#include "foundation/http/message.h"
#include "protocols/providers/provider_client.h"

namespace slipway::providers {

struct Target {
  gateway::Dialect dialect = gateway::Dialect::kOpenAi;
  std::string url;
  http::Headers headers;       // with the secret
  bool is_configured = false;  // whether the secret names the address
  bool says_model = true;      // in the body; else the address does
};

// Throws Refusal for a task that the provider does not know, and for a secret that does not say enough.
Target target_of(const gateway::Upstream& upstream, Task task);

}  // namespace slipway::providers
