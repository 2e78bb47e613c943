// Parameter files: values picked by dotted keys. Used to see whether a stage's parameters changed and by ${} in
// dvc.yaml.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domains/data/file_source.h"
#include "domains/data/stage.h"
#include "domains/data/value.h"

namespace slipway::data {

// YAML, JSON, TOML or Python by extension. Throws invalid_argument for damaged files.
Value read_params_file(const std::string& path, const FileSource& source = disk());
// "a.b", "a.0.c", "a[0].c"; nothing when absent.
std::optional<Value> select_key(const Value& from, std::string_view key);

// The values the stage depends on as they are now: a map from key to value, absent keys left out. Nothing when the file
// does not exist.
std::optional<Value> current_params(const ParamsDependency& params, const FileSource& source = disk());
// What differs from the recorded values: a map from key to "modified", "new" or "deleted".
Value params_changes(const ParamsDependency& params, const Value& current);

}  // namespace slipway::data
