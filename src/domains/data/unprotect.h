// Links to the cache as files of their own, so that they can be written.
#pragma once

#include <string>

namespace slipway::data {

// A file, or all files in a folder. Throws not_found.
void unprotect(const std::string& path);

}  // namespace slipway::data
