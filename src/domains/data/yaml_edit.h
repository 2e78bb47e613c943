// Changes one value in a YAML file that people write (dvc.yaml, params.yaml): the lines of that value change, comments,
// order and style of everything else stay. Where lines are not enough (a value inside { } or an alias), the whole file
// is written anew.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/data/value.h"

namespace slipway::data {

// Keys from the top; an item of a list is named by its number. Maps on the way are made when they are missing.
using KeyPath = std::vector<std::string>;

// Throws invalid_argument when the text is no YAML or the path leads through a scalar; `name` is the file in messages.
std::string set_in_yaml(std::string_view text, std::string_view name, const KeyPath& path, const Value& value);
// Unchanged when there is nothing.
std::string erase_in_yaml(std::string_view text, std::string_view name, const KeyPath& path);

// The same on a value. False when nothing was there to erase.
void set_at(Value& root, const KeyPath& path, const Value& value);
bool erase_at(Value& root, const KeyPath& path);

}  // namespace slipway::data
