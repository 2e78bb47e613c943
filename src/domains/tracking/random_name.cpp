#include "domains/tracking/random_name.h"

#include <array>

#include "foundation/base/text.h"

namespace slipway::tracking {

namespace {
constexpr std::array<std::string_view, 40> kAdjectives = {
    "amber",  "brave", "brisk",  "calm",   "clever", "crisp", "curious", "daring", "eager", "early",
    "fair",   "fleet", "gentle", "glad",   "grand",  "happy", "honest",  "jolly",  "keen",  "kind",
    "lively", "lucky", "mellow", "merry",  "noble",  "polar", "proud",   "quick",  "quiet", "rapid",
    "salty",  "sleek", "snowy",  "steady", "sunny",  "swift", "tidy",    "vivid",  "windy", "wise"};
constexpr std::array<std::string_view, 40> kNouns = {
    "anchor",  "barge",  "beacon",  "bosun",    "breeze",  "buoy",    "canoe", "compass", "coral",   "crane",
    "current", "cutter", "dolphin", "ferry",    "gull",    "harbor",  "heron", "hull",    "island",  "jetty",
    "kelp",    "keel",   "kite",    "lagoon",   "lantern", "mast",    "otter", "paddle",  "pearl",   "pilot",
    "plover",  "rudder", "sail",    "schooner", "seal",    "sextant", "skiff", "tide",    "trawler", "wharf"};
}  // namespace

std::string random_name(IdSource& ids) {
  const uint64_t random = ids.next_u64();
  return text::concat(kAdjectives[random % kAdjectives.size()], "-", kNouns[(random >> 16U) % kNouns.size()], "-",
                      (random >> 32U) % 1000);
}

}  // namespace slipway::tracking
