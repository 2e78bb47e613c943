// Any Authorization header, any token file, any Host and Origin: no crash, and no header passes that does not carry the
// token.
#include <cstdint>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/identity/access.h"
#include "foundation/identity/host_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const auto access = slipway::identity::Access::from_text("a-token-that-nobody-guesses-7 admin root", "fixed");
  if (access.authenticate(input)) std::abort();
  static const slipway::identity::HostCheck hosts({"ml.example", "app-*.example"}, {"https://portal.example"});
  slipway::http::Request request;
  request.method = "POST";
  request.headers.add("Host", std::string(input));
  hosts(request);
  request.headers.set("Host", "ml.example");
  request.headers.add("Origin", std::string(input));
  const std::string origin = slipway::text::lower(input);
  const bool may_change_things = origin == "https://portal.example" || origin.ends_with("://ml.example");
  if (!hosts(request) && !may_change_things) std::abort();
  try {
    slipway::identity::Access::from_text(input, "input");
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
