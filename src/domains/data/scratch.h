// Small files that cost only time when a power cut takes them: replaced whole, but not forced to disk.
#pragma once

#include <string>
#include <string_view>

namespace slipway::data {

// Readers see the old or the new content. False when it could not be written; then the old one stays.
bool replace_scratch(const std::string& path, std::string_view content);

}  // namespace slipway::data
