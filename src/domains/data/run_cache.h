// What stages gave for the same command, dependencies and parameters before: DVC's run cache, shared with it.
#pragma once

#include <optional>
#include <string>

#include "domains/data/objects.h"
#include "domains/data/stage.h"

namespace slipway::data {

class RunCache {
 public:
  explicit RunCache(const ObjectStore& store) : store_(store) {}

  // A stage whose result depends on its recorded inputs alone.
  static bool applies_to(const Stage& stage);
  // The newest entry for the stage's command, dependencies and parameters as they are recorded in it now.
  std::optional<Value> find(const Stage& stage) const;
  void save(const Stage& stage) const;
  // Copies entries that `other` lacks; their number.
  size_t copy_to(const std::string& other_root) const;

  static std::string key_of(const Value& lock_entry);
  static std::string value_of(const Value& lock_entry);

 private:
  const ObjectStore& store_;
};

}  // namespace slipway::data
