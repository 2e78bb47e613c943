// Which options a remote may have, and what their values must be: by the kind of its storage, as DVC checks them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace slipway::data {

// Throws invalid_argument with DVC's words about the first option that such a remote does not have, a value that makes
// no sense, or an address of unknown kind. `options` holds "url" too.
void check_remote(std::string_view remote, std::string_view url, const std::map<std::string, std::string>& options);

bool is_local_url(std::string_view url);

}  // namespace slipway::data
