// What became of something that came from another store with an id of its own. Used by the intakes of tracking,
// registry and traces and by those who move stores.
#pragma once

#include <string>

namespace slipway::tracking {

enum class Fate {
  kNew,        // it was not there; now it is, unless one only looks
  kSame,       // it is there already, with the same content
  kDifferent,  // its id is taken by something else, which stays as it is
};

struct Arrival {
  Fate fate = Fate::kNew;
  std::string difference;  // the first one, in words; empty unless kDifferent
};

// How an arrival stands to what holds its id: `difference` as one of the functions of that name gives it.
inline Arrival arrival_of(std::string difference) {
  return {difference.empty() ? Fate::kSame : Fate::kDifferent, std::move(difference)};
}

}  // namespace slipway::tracking
