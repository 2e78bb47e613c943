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

// The token of an Authorization header, "" when it has none.
std::string presented_token(std::string_view authorization) {
  const size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos) return "";
  const std::string_view scheme = authorization.substr(0, blank);
  const std::string_view credentials = text::trim(authorization.substr(blank + 1));
  if (text::equal_ignoring_case(scheme, "Bearer")) return std::string(credentials);
  if (!text::equal_ignoring_case(scheme, "Basic")) return "";
  try {
    const std::string pair = base64_decode(credentials);
    const size_t colon = pair.find(':');
    return colon == std::string::npos ? "" : pair.substr(colon + 1);
  } catch (const Error&) {
    return "";
  }
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  for (const std::string& word : text::split(text::replace_all(line, "\t", " "), ' ')) {
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

}  // namespace

bool allows(Role role, std::string_view permission) {
  if (permission.empty() || role == Role::kAdmin) return true;
  const std::string_view verb = permission.substr(permission.rfind('.') + 1);
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

std::optional<Principal> Access::authenticate(std::string_view authorization) const {
  const std::string token = presented_token(authorization);
  if (token.empty()) return std::nullopt;
  const std::string digest = hash_hex(HashKind::kSha256, token);
  std::optional<Principal> found;
  // Every entry is compared, so that the time tells nothing about which one matched.
  for (const Token& one : tokens_) {
    if (equal_in_constant_time(one.digest, digest)) found = one.principal;
  }
  return found;
}

void Access::check(const http::Request& request, const http::Route& route) const {
  if (is_open() || route.permission.empty()) return;
  const auto principal = authenticate(request.headers.find("Authorization").value_or(""));
  if (!principal) {
    throw Error(ErrorCode::kUnauthenticated, "this server needs a token; set SLIPWAY_TOKEN or MLFLOW_TRACKING_TOKEN");
  }
  if (!allows(principal->role, route.permission)) {
    throw permission_denied(principal->name, " may not do this: it needs ", route.permission);
  }
}

}  // namespace slipway::identity
