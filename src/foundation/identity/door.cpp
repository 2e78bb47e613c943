#include "foundation/identity/door.h"

#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/log.h"

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

Door::Door(const DoorConfig& config) : config_(config), hosts_(host_check_of(config)) { replace(access_of(config)); }

std::shared_ptr<const Access> Door::access() const {
  const std::lock_guard lock(mutex_);
  return access_;
}

void Door::replace(Access access) {
  auto next = std::make_shared<const Access>(with_own(std::move(access)));
  const std::lock_guard lock(mutex_);
  access_ = std::move(next);
}

// What does not come from the file of tokens.
Access Door::with_own(Access access) const {
  if (sign_in_ != nullptr) access.add_users(sign_in_);
  for (const auto& [token, principal] : own_tokens_) access.add_token(token, principal);
  return access;
}

void Door::add_users(std::shared_ptr<SignIn> sign_in) {
  sign_in_ = std::move(sign_in);
  replace(access_of(config_));
}

void Door::add_token(std::string_view token, Principal principal) {
  own_tokens_.emplace_back(token, std::move(principal));
  replace(access_of(config_));
}

void Door::guard(http::Server& server) {
  server_ = &server;
  server.set_filter([this](http::Request& request, const http::Route& route) {
    auto answer = hosts_(request);
    if (!answer) request.caller = access()->check(request, route);
    return answer;
  });
  server.set_finisher(
      [this](const http::Request& request, http::Response& response) { hosts_.finish(request, response); });
}

void Door::reload() {
  const auto read_again = [](std::string_view what, const std::string& file, const auto& read) {
    if (file.empty()) return;
    try {
      read();
      log::info("reloaded", {{"what", std::string(what)}, {"file", file}});
    } catch (const std::exception& error) {
      log::error("not reloaded, the old one stays", {{"what", std::string(what)}, {"reason", error.what()}});
    }
  };
  read_again("tokens", config_.tokens_file, [this] { replace(access_of(config_)); });
  read_again("certificate", config_.tls ? config_.tls->certificate : "", [this] {
    if (server_ != nullptr) server_->reload_tls();
  });
}

}  // namespace slipway::identity
