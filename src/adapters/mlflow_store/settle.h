// How a portion of things stands to what is known under their ids. Used by SqlTarget.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "domains/genai/intake.h"
#include "domains/traces/intake.h"
#include "domains/tracking/arrival.h"
#include "domains/tracking/difference.h"
#include "domains/tracking/intake.h"

namespace slipway::mlflow_store {

inline std::string first_difference(const tracking::StoredRun& here, const tracking::StoredRun& there) {
  return tracking::difference(here.run, there.run);
}
inline std::string first_difference(const tracking::LoggedModel& here, const tracking::LoggedModel& there) {
  return tracking::difference(here, there);
}
inline std::string first_difference(const traces::StoredTrace& here, const traces::StoredTrace& there) {
  return traces::difference(here, there);
}
template <typename Item>
std::string first_difference(const Item& here, const Item& there) {
  return genai::difference(here, there);
}

// One answer for each of `arriving`; `insert` is called for those that are new.
template <typename Item, typename Key>
std::vector<tracking::Arrival> settle(const std::vector<Item>& arriving, std::vector<Item> known, Key key,
                                      const std::function<void(const Item&)>& insert) {
  std::unordered_map<std::string, Item> by_id;
  for (Item& one : known) {
    std::string id = key(one);
    by_id.emplace(std::move(id), std::move(one));
  }
  std::vector<tracking::Arrival> out;
  for (const Item& one : arriving) {
    const auto found = by_id.find(key(one));
    if (found == by_id.end()) {
      out.emplace_back();
      insert(one);
    } else {
      out.push_back(tracking::arrival_of(first_difference(found->second, one)));
    }
  }
  return out;
}

}  // namespace slipway::mlflow_store
