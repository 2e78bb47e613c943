#include "foundation/base/error.h"
#include "foundation/remotes/azure_remote.h"
#include "foundation/remotes/google_remote.h"
#include "foundation/remotes/http_remote.h"
#include "foundation/remotes/local_remote.h"
#include "foundation/remotes/remote_store.h"
#include "foundation/remotes/s3_remote.h"
#include "foundation/remotes/ssh_remote.h"
#include "foundation/remotes/webdav_remote.h"

namespace slipway::remotes {

std::string scheme_of(std::string_view url) {
  const size_t mark = url.find("://");
  return mark == std::string_view::npos ? "" : text::lower(url.substr(0, mark));
}

std::unique_ptr<RemoteStore> open_remote(const RemoteAddress& address) {
  const std::string scheme = scheme_of(address.url);
  if (scheme.empty() || scheme == "file") return open_local(address);
  if (scheme == "s3") return open_s3(address);
  if (scheme == "http" || scheme == "https") return open_http(address);
  if (scheme == "ssh" || scheme == "sftp") return open_ssh(address);
  if (scheme == "webdav" || scheme == "webdavs") return open_webdav(address);
  if (scheme == "azure") return open_azure(address);
  if (scheme == "gs") return open_google(address);
  throw Error(ErrorCode::kUnimplemented, text::concat("storage of the kind '", scheme,
                                                      "://' is not known; there are folders, s3, gs, azure, ssh, ",
                                                      "http, https, webdav and webdavs"));
}

}  // namespace slipway::remotes
