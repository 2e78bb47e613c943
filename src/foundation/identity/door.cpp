#include "foundation/identity/door.h"

#include <utility>

#include "foundation/base/error.h"

namespace slipway::identity {

namespace {

bool is_loopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

Access access_of(const DoorConfig& config) {
  if (!config.tokens_file.empty()) return Access::from_file(config.tokens_file);
  if (config.has_users || config.allow_unauthenticated || is_loopback(config.host)) return Access::open();
  throw failed_precondition("a server on ", config.host,
                            " can be reached from elsewhere and needs --tokens-file FILE with lines of `token role "
                            "name`, or --auth for users with passwords (`slipway server`); --allow-unauthenticated "
                            "lets everybody in who can reach it");
}

HostCheck host_check_of(const DoorConfig& config) {
  std::vector<std::string> hosts = config.allowed_hosts;
  hosts.push_back(config.host);
  return HostCheck(std::move(hosts), config.allowed_origins, config.framing);
}

}  // namespace

Door::Door(const DoorConfig& config) : access_(access_of(config)), hosts_(host_check_of(config)) {}

void Door::add_users(std::shared_ptr<SignIn> sign_in) { access_.add_users(std::move(sign_in)); }

void Door::add_token(std::string_view token, Principal principal) { access_.add_token(token, std::move(principal)); }

void Door::guard(http::Server& server) const {
  server.set_filter([this](http::Request& request, const http::Route& route) {
    auto answer = hosts_(request);
    if (!answer) request.caller = access_.check(request, route);
    return answer;
  });
  server.set_finisher(
      [this](const http::Request& request, http::Response& response) { hosts_.finish(request, response); });
}

}  // namespace slipway::identity
