// Faults in YAML files that people write, told with the place and the lines there.
#pragma once

#include <string>
#include <string_view>

#include "domains/data/yaml_edit.h"
#include "foundation/base/error.h"

namespace slipway::data {

// Something in a file that parses but makes no sense. Thrown where the value is judged; whoever has the file's text
// throws told() of it.
class YamlFault : public Error {
 public:
  YamlFault(KeyPath where, std::string_view message)
      : Error(ErrorCode::kInvalidArgument, std::string(message)), where_(std::move(where)) {}

  // "'name' is invalid: extra keys not allowed, in stages -> train -> dep, line 4\n\n  3 | ...".
  Error told(std::string_view text, std::string_view name) const;

 private:
  const KeyPath where_;
};

// The line (from 1) where the path leads, or as far as it leads.
size_t line_in_yaml(std::string_view text, const KeyPath& path);
// The line (from 1) and the one before it, each with its number, after an empty line.
std::string yaml_excerpt(std::string_view text, size_t line);
// Git leaves such lines in what it could not merge.
bool has_conflict_markers(std::string_view text);

}  // namespace slipway::data
