// The use cases of provider secrets. Values go in sealed and come out only for a call to their provider. Part of
// Gateway.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "domains/gateway/model.h"
#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/base/secret_box.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

// Throws invalid_argument for an address that must not be called.
using UrlCheck = std::function<void(const std::string& url)>;

class Secrets {
 public:
  Secrets(sql::Database& database, Clock& clock, IdSource& ids, SecretBox& box, UrlCheck check_url)
      : database_(database), clock_(clock), ids_(ids), box_(box), check_url_(std::move(check_url)) {}

  // Names are unique; the address that a configuration names is checked.
  SecretInfo create(const NewSecret& secret);
  SecretInfo update(const std::string& id, const SecretChange& change);
  SecretInfo get(const std::string& id);
  SecretInfo get_by_name(const std::string& name);
  std::vector<SecretInfo> list(const std::string& provider, const identity::Scope& scope = {});
  void remove(const std::string& id);

 private:
  Pairs checked_config(const Pairs& config) const;
  std::string sealed(const Pairs& values, const std::string& id, const std::string& name);

  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
  SecretBox& box_;
  const UrlCheck check_url_;
};

// The values of a sealed secret. Throws data_loss when the key is another one.
Pairs open_secret(SecretBox& box, const SecretInfo& info, const std::string& sealed);

}  // namespace slipway::gateway
