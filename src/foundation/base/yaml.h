// YAML as JSON values: settings and definitions that people write. Include it in .cpp files only, as json.h.
#pragma once

#include <string_view>

#include "foundation/base/json.h"

namespace slipway::json {

// One document. Plain true/false, null/~, whole numbers and fractions become what they look like; quoted and all other
// scalars are strings. Keys must be scalars. Throws invalid_argument with line and column; nesting at most 64, at most
// a million values (aliases are copied, so a few lines could otherwise grow without end).
value parse_yaml(std::string_view text);
// The same, but every scalar that is not null stays the text that it is, for documents of programs that read them so.
value parse_yaml_texts(std::string_view text);

}  // namespace slipway::json
