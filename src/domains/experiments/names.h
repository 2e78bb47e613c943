// Names for experiments that nobody named.
#pragma once

#include <string>

namespace slipway::experiments {

// "calm-harbor": thousands of them.
std::string random_name();

}  // namespace slipway::experiments
