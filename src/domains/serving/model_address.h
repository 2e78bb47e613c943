// The MODEL of a command line, taken apart: models:/NAME@ALIAS, models:/NAME/3, models:/NAME/latest, runs:/ID/PATH or a
// folder. Used by `slipway serve` and its siblings.
#pragma once

#include <string>
#include <string_view>

namespace slipway::serving {

struct ModelAddress {
  enum class Kind { kAlias, kVersion, kLatest, kRun, kFolder };
  Kind kind = Kind::kFolder;
  std::string text;      // as it was given
  std::string name;      // what the model is called unless the user says otherwise
  std::string selector;  // the alias, the version or the run's id
};

// Throws invalid_argument with the forms there are.
ModelAddress parse_model_address(std::string_view text);

}  // namespace slipway::serving
