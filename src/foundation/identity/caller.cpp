#include "foundation/identity/caller.h"

namespace slipway::identity {

std::shared_ptr<const Caller> Caller::anybody() {
  static const auto kAnybody = std::make_shared<const Caller>(Caller{"anybody", true, Permission::kManage, 0});
  return kAnybody;
}

const Caller& Caller::nobody() {
  static const Caller kNobody{"nobody", false, Permission::kNone, 0};
  return kNobody;
}

const Caller& caller_of(const http::Request& request) {
  return request.caller == nullptr ? Caller::nobody() : *static_cast<const Caller*>(request.caller.get());
}

}  // namespace slipway::identity
