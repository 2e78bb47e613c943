#include "foundation/identity/access.h"

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway::identity {

namespace {

constexpr size_t kMinTokenLength = 16;

std::optional<Role> role_named(std::string_view name) {
  if (name == "reader") return Role::kReader;
  if (name == "writer") return Role::kWriter;
  if (name == "admin") return Role::kAdmin;
  return std::nullopt;
}

struct Presented {
  std::string name;    // "" beside a bearer token
  std::string secret;  // "" for nothing of use
};

Presented presented_by(std::string_view authorization) {
  const size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view scheme = authorization.substr(0, blank);
  const std::string_view credentials = text::trim(authorization.substr(blank + 1));
  if (text::equal_ignoring_case(scheme, "Bearer")) return {"", std::string(credentials)};
  if (!text::equal_ignoring_case(scheme, "Basic")) return {};
  try {
    const std::string pair = base64_decode(credentials);
    const size_t colon = pair.find(':');
    if (colon == std::string::npos) return {};
    return {pair.substr(0, colon), pair.substr(colon + 1)};
  } catch (const Error&) {
    return {};
  }
}

std::string_view verb_of(std::string_view permission) { return permission.substr(permission.rfind('.') + 1); }

bool is_understood(std::string_view permission) {
  if (permission == kPublic || permission == kSignedIn) return true;
  const size_t dot = permission.find('.');
  if (dot == 0 || dot == std::string_view::npos || permission.find('.', dot + 1) != std::string_view::npos)
    return false;
  const std::string_view verb = verb_of(permission);
  return verb == "read" || verb == "write" || verb == "admin";
}

Caller caller_of_token(const Principal& principal) {
  Caller out;
  out.name = principal.name;
  out.is_admin = principal.role == Role::kAdmin;
  out.everywhere = principal.role == Role::kReader ? Permission::kRead : Permission::kManage;
  return out;
}

// The handlers of these ask what the user may do with the experiment or model at hand.
bool is_for_users(std::string_view permission) {
  return permission == kSignedIn || permission.starts_with("tracking.") || permission.starts_with("registry.");
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  for (const std::string& word : text::split(text::replace_all(line, "\t", " "), ' ')) {
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

}  // namespace

void check_permissions(const std::vector<const http::Route*>& routes) {
  for (const http::Route* route : routes) {
    if (is_understood(route->permission)) continue;
    throw failed_precondition("route ", route->method, " ", route->pattern,
                              " says nobody who may use it; give it a permission, or \"", kPublic, "\"");
  }
}

bool allows(Role role, std::string_view permission) {
  if (permission == kPublic || permission == kSignedIn || role == Role::kAdmin) return true;
  const std::string_view verb = verb_of(permission);
  return verb == "read" || (verb == "write" && role == Role::kWriter);
}

Access Access::open() { return {}; }

Access Access::from_file(const std::string& path) { return from_text(files::read(path), path); }

Access Access::from_text(std::string_view content, std::string_view origin) {
  Access out;
  int number = 0;
  for (const std::string& raw : text::split(content, '\n')) {
    ++number;
    const std::vector<std::string> words = words_of(text::trim(std::string_view(raw).substr(0, raw.find('#'))));
    if (words.empty()) continue;
    const auto role = words.size() == 3 ? role_named(words[1]) : std::nullopt;
    if (!role)
      throw invalid_argument(origin, ":", number, ": a line is `token role name`, role one of reader, writer, admin");
    if (words[0].size() < kMinTokenLength) {
      throw invalid_argument(origin, ":", number, ": a token needs at least ", kMinTokenLength,
                             " characters; make one with `openssl rand -hex 24`");
    }
    out.tokens_.push_back({hash_hex(HashKind::kSha256, words[0]), {words[2], *role}});
  }
  if (out.tokens_.empty()) throw invalid_argument(origin, " holds no token");
  return out;
}

void Access::add_users(std::shared_ptr<SignIn> sign_in) { sign_in_ = std::move(sign_in); }

void Access::add_token(std::string_view token, Principal principal) {
  tokens_.push_back({hash_hex(HashKind::kSha256, token), std::move(principal)});
}

std::optional<Principal> Access::authenticate(std::string_view authorization) const {
  const std::string token = presented_by(authorization).secret;
  if (token.empty()) return std::nullopt;
  const std::string digest = hash_hex(HashKind::kSha256, token);
  std::optional<Principal> found;
  // Every entry is compared, so that the time tells nothing about which one matched.
  for (const Token& one : tokens_) {
    if (equal_in_constant_time(one.digest, digest)) found = one.principal;
  }
  return found;
}

std::shared_ptr<const Caller> Access::caller(const http::Request& request) const {
  const std::string_view authorization = request.headers.find("Authorization").value_or("");
  if (authorization.empty()) return nullptr;
  if (const auto principal = authenticate(authorization)) {
    return std::make_shared<const Caller>(caller_of_token(*principal));
  }
  const Presented presented = presented_by(authorization);
  if (sign_in_ == nullptr || presented.name.empty() || presented.secret.empty()) return nullptr;
  const auto user = sign_in_->check(presented.name, presented.secret, request.peer);
  if (!user) return nullptr;
  return std::make_shared<const Caller>(Caller{user->name, user->is_admin, Permission::kNone, user->id});
}

std::string Access::why_unknown(const http::Request& request) const {
  const std::string_view authorization = request.headers.find("Authorization").value_or("");
  if (!presented_by(authorization).name.empty()) return "You are not authenticated. The name or the password is wrong.";
  if (!authorization.empty()) return "You are not authenticated. The token is wrong or no longer valid.";
  if (sign_in_ == nullptr) {
    return "You are not authenticated. This server needs a token: `Authorization: Bearer TOKEN`, as Slipway's and "
           "MLflow's commands send it when SLIPWAY_TOKEN or MLFLOW_TRACKING_TOKEN is set.";
  }
  return "You are not authenticated. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or a token in "
         "MLFLOW_TRACKING_TOKEN.";
}

std::shared_ptr<const Caller> Access::check(const http::Request& request, const http::Route& route) const {
  if (is_open()) return Caller::anybody();
  if (route.permission == kPublic) return nullptr;
  auto out = caller(request);
  if (out == nullptr) throw Error(ErrorCode::kUnauthenticated, why_unknown(request));
  if (out->is_admin) return out;
  // That a page does not exist is told to everybody who said who he is.
  const std::string_view permission = route.pattern.empty() && route.permission.empty() ? kSignedIn : route.permission;
  const bool may = out->has_account()
                       ? is_for_users(permission)
                       : allows(out->everywhere == Permission::kRead ? Role::kReader : Role::kWriter, permission);
  if (!may) throw permission_denied("Permission denied. ", out->name, " may not do this: it needs ", permission);
  return out;
}

}  // namespace slipway::identity
