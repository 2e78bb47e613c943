// Which addresses the server lets itself be told to call: those of webhooks and of model providers. Used before an
// address is kept; whoever calls it later lets the HTTP client judge it again.
#pragma once

#include <string>
#include <vector>

namespace slipway::mlflow {

struct OutboundRules {
  std::string name;                              // what messages call the address: "webhook URL"
  std::vector<std::string> schemes = {"https"};  // of http and https
  // Also loopback, private networks and whatever else is not the public internet.
  bool allow_private_addresses = false;
};

// Throw invalid_argument in MLflow's words. A name is resolved unless private addresses are allowed.
void check_outbound_url(const OutboundRules& rules, const std::string& url);
void check_outbound_scheme(const OutboundRules& rules, const std::string& url);

}  // namespace slipway::mlflow
