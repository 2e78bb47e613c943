// A folder on a WebDAV server. Opened by open_remote.
#pragma once

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// Options as DVC has them: user, password, token, custom_auth_header, timeout, ssl_verify.
std::unique_ptr<RemoteStore> open_webdav(const RemoteAddress& address);

// What a server says about a folder or a file: one entry for each resource that it names, with its decoded path from
// the server's root on. Throws invalid_argument for what is no such answer.
struct WebdavEntry {
  std::string path;
  bool is_folder = false;
  FileInfo info;
};
std::vector<WebdavEntry> parse_webdav_answer(std::string_view xml);

}  // namespace slipway::remotes
