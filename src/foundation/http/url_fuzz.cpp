// An URL from outside: what comes out can be put into a request without adding a line or a field to it.
#include <algorithm>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/http/address.h"
#include "foundation/http/url.h"

namespace {
void must(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const slipway::http::Url url = slipway::http::parse_url(text);
    const auto is_plain = [](char c) { return c > ' ' && c < 127; };
    must(!url.host.empty() && std::all_of(url.host.begin(), url.host.end(), is_plain));
    must(url.host.find_first_of("/?#@[]\\") == std::string::npos);
    must(url.target.starts_with('/') && std::all_of(url.target.begin(), url.target.end(), is_plain));
    must(url.port > 0 && url.port < 65536);
    const slipway::http::Url again = slipway::http::parse_url(url.origin() + url.target);
    must(again.host == url.host && again.port == url.port && again.target == url.target);
    if (const auto address = slipway::http::SocketAddress::parse(url.host)) address->is_public();
  } catch (const slipway::Error&) {  // refused
  }
  return 0;
}
