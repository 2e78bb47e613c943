#include "foundation/base/error.h"
#include "foundation/remotes/http_remote.h"
#include "foundation/remotes/local_remote.h"
#include "foundation/remotes/remote_store.h"
#include "foundation/remotes/s3_remote.h"

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
  throw Error(ErrorCode::kUnimplemented, text::concat("storage of the kind '", scheme,
                                                      "://' is not known; there are folders, s3, gs, azure, ssh, ",
                                                      "http, https, webdav and webdavs"));
}

}  // namespace slipway::remotes
