#include "domains/experiments/names.h"

#include <array>
#include <random>
#include <string_view>

namespace slipway::experiments {

namespace {

constexpr std::array<std::string_view, 64> kHow = {
    "able",  "amber",  "bold",   "brave", "brisk", "broad", "calm", "clear", "clever", "cool",   "crisp",
    "deep",  "eager",  "early",  "even",  "fair",  "fast",  "fine", "firm",  "fleet",  "fresh",  "full",
    "glad",  "golden", "grand",  "green", "happy", "hardy", "high", "ideal", "keen",   "kind",   "large",
    "light", "lively", "long",   "loyal", "lucky", "merry", "mild", "neat",  "new",    "noble",  "open",
    "plain", "proud",  "quick",  "quiet", "rapid", "ready", "red",  "round", "sharp",  "silent", "smart",
    "solid", "stable", "steady", "still", "swift", "tidy",  "warm", "wide",  "young"};
constexpr std::array<std::string_view, 64> kWhat = {
    "anchor", "arch",    "barge",  "bay",     "beacon", "boat",   "bolt",   "bow",   "breeze",  "bridge",  "buoy",
    "cable",  "canal",   "canvas", "cape",    "cargo",  "chart",  "cloud",  "coast", "compass", "cove",    "crane",
    "crew",   "current", "deck",   "dock",    "engine", "ferry",  "fleet",  "float", "foam",    "fog",     "gale",
    "gull",   "harbor",  "helm",   "horizon", "hull",   "island", "jetty",  "keel",  "lagoon",  "lantern", "ledger",
    "lock",   "mast",    "oar",    "pier",    "pilot",  "port",   "quay",   "reef",  "ridge",   "river",   "rope",
    "rudder", "sail",    "shore",  "star",    "strait", "tide",   "voyage", "wave",  "wharf"};

}  // namespace

std::string random_name() {
  std::random_device device;
  std::uniform_int_distribution<size_t> pick(0, kHow.size() - 1);
  std::string out(kHow.at(pick(device)));
  out += '-';
  out += kWhat.at(pick(device));
  return out;
}

}  // namespace slipway::experiments
