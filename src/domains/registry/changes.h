// What a change says about itself. Used by Registry where it makes one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domains/registry/model.h"

namespace slipway::registry {

// "tag.KEY" for each; of a tag that is there twice the last value.
std::map<std::string, std::string> attributes_of(const std::vector<Tag>& tags);

}  // namespace slipway::registry
