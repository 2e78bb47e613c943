// Changes of parameters on the command line, in the grammar of Hydra: lr=0.1, +new=1, ++either=1, ~gone, and several
// values at once: lr=0.1,0.2 or lr=choice(0.1,0.2) or n=range(1,10,2).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/value.h"

namespace slipway::experiments {

struct Override {
  enum class Kind { kChange, kAdd, kForceAdd, kDelete };
  Kind kind = Kind::kChange;
  std::string key;                  // dotted
  std::vector<data::Value> values;  // several: one experiment for each; none: a deletion whatever the value
  std::vector<std::string> texts;   // of the values, as they were written
  bool is_sweep() const { return values.size() > 1 || sweep; }
  bool sweep = false;  // written as one, though it may have a single value
};

// Throws invalid_argument with the place of the fault.
Override parse_override(std::string_view text);

// By file ("params.yaml" when a text names none, otherwise "other.toml:key=1").
using Overrides = std::map<std::string, std::vector<Override>>;
Overrides parse_overrides(const std::vector<std::string>& texts);
bool has_sweep(const Overrides& overrides);
// Every combination of the values, the last override turning fastest.
std::vector<Overrides> expand_sweeps(const Overrides& overrides);
// As messages show them: "{'params.yaml': ['lr=0.1']}".
std::string shown(const Overrides& overrides);

// The content of a parameter file (its format by its name) with the changes made; everything else stays as written.
// Throws invalid_argument for a key that is not there (or with + is), not for ++.
std::string apply(std::string_view text, const std::string& path, const std::vector<Override>& overrides);

}  // namespace slipway::experiments
