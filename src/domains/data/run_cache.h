// What stages gave for the same command, dependencies and parameters before: DVC's run cache, shared with it.
#pragma once

#include <optional>
#include <string>

#include "domains/data/objects.h"
#include "domains/data/stage.h"
#include "foundation/remotes/remote_store.h"

namespace slipway::data {

class RunCache {
 public:
  explicit RunCache(const ObjectStore& store) : store_(store) {}

  // A stage whose result depends on its recorded inputs alone.
  static bool applies_to(const Stage& stage);
  // The newest entry for the stage's command, dependencies and parameters as they are recorded in it now.
  std::optional<Value> find(const Stage& stage) const;
  void save(const Stage& stage) const;
  // Copy entries that the other side lacks; their number. A remote that cannot list has no run cache.
  size_t push_to(remotes::RemoteStore& remote) const;
  size_t fetch_from(remotes::RemoteStore& remote) const;

  static std::string key_of(const Value& lock_entry);
  static std::string value_of(const Value& lock_entry);

 private:
  const ObjectStore& store_;
};

}  // namespace slipway::data
