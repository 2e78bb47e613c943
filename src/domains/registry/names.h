// What models, aliases and tags of the registry may be called; every check throws invalid_argument. Used by Registry.
#pragma once

#include <string_view>

namespace slipway::registry {

void check_model_name(std::string_view name);
void check_alias(std::string_view alias);
void check_tag(std::string_view key, std::string_view value);

}  // namespace slipway::registry
