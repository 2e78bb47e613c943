// All of the gateway domain behind one door: what app/server builds and protocols are given. It keeps who is called how
// and says whom one request goes to; the protocols make the calls.
#pragma once

#include <string>

#include "domains/gateway/definitions.h"
#include "domains/gateway/endpoints.h"
#include "domains/gateway/secrets.h"
#include "foundation/base/secret_box.h"

namespace slipway::gateway {

struct GatewayOptions {
  UrlCheck check_url;
  // Whether the key of the secrets comes from the operator and not from a file of this server's own.
  bool has_own_key = false;
};

class Gateway {
 public:
  // Brings the tables up to date. Everything must outlive it.
  Gateway(sql::Database& database, tracking::Tracking& tracking, Clock& clock, IdSource& ids, SecretBox& box,
          GatewayOptions options);

  Secrets& secrets() { return secrets_; }
  ModelDefinitions& definitions() { return definitions_; }
  Endpoints& endpoints() { return endpoints_; }
  bool has_own_key() const { return has_own_key_; }

  // Whom a request to the endpoint of that name goes to: one of the primary models, by their weights where the endpoint
  // splits its traffic, then the fallbacks in their order. Models without a secret are passed over. Throws not_found
  // for an unknown endpoint or one that has nobody to ask.
  Plan plan(const std::string& endpoint_name);

 private:
  sql::Database& database_;
  IdSource& ids_;
  SecretBox& box_;
  const bool has_own_key_;
  Secrets secrets_;
  ModelDefinitions definitions_;
  Endpoints endpoints_;
};

}  // namespace slipway::gateway
