#include "domains/tracking/artifact_path.h"

#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr int kMaxEncodings = 16;
constexpr std::string_view kScheme = "mlflow-artifacts:";
constexpr std::string_view kProxyPath = "/api/2.0/mlflow-artifacts/artifacts";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What follows the address of the artifact calls ("/" or more), when the location is such a URL; which server it names
// does not matter, as nothing is fetched from there.
std::string_view path_of_proxy(std::string_view location) {
  if (!location.starts_with("http://") && !location.starts_with("https://")) return {};
  const size_t path = location.find('/', location.find("://") + 3);
  if (path == std::string_view::npos) return {};
  std::string_view rest = location.substr(path);
  if (!rest.starts_with(kProxyPath)) return {};
  rest.remove_prefix(kProxyPath.size());
  if (rest.empty()) return "/";
  return rest.front() == '/' ? rest : std::string_view();
}

// Escapes that are none stay as they are.
std::string decode_once(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
    if (!escape) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
    i += 2;
  }
  return out;
}

bool names_a_drive(std::string_view path) {
  const bool letter = !path.empty() && ((path[0] >= 'a' && path[0] <= 'z') || (path[0] >= 'A' && path[0] <= 'Z'));
  return letter && path.size() >= 2 && path[1] == ':' && (path.size() == 2 || path[2] == '/');
}

void refuse_unsafe(std::string_view decoded) {
  // Clients compare this very text.
  const Error fault = invalid_argument("Invalid path");
  if (decoded.starts_with('/') || names_a_drive(decoded)) throw fault;
  if (!text::is_valid_utf8(decoded)) throw fault;
  for (const char c : decoded) {
    if (c == '\\' || c == '#' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) throw fault;
  }
  for (const std::string& part : text::split(decoded, '/')) {
    if (part == "..") throw fault;
  }
}

}  // namespace

std::string decode_until_stable(std::string_view text) {
  std::string current(text);
  for (int round = 0; round < kMaxEncodings; ++round) {
    std::string next = decode_once(current);
    if (next == current) return current;
    current = std::move(next);
  }
  throw invalid_argument("Invalid path: it is percent-encoded more than ", kMaxEncodings, " times");
}

std::string checked_artifact_path(std::string_view path) {
  refuse_unsafe(decode_until_stable(path));
  // The name itself is kept as it came: only the check looks through further encodings, so "50%25" names one file.
  std::string out;
  for (const std::string& part : text::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (!out.empty()) out.push_back('/');
    out.append(part);
  }
  return out;
}

bool is_own_location(std::string_view location) {
  return location.starts_with(kScheme) || !path_of_proxy(location).empty();
}

std::string path_of_location(std::string_view location) {
  if (!is_own_location(location)) {
    throw invalid_argument("artifacts at '", location, "' are not stored by this server; ask that store directly");
  }
  const bool by_url = !location.starts_with(kScheme);
  std::string_view rest = by_url ? path_of_proxy(location) : location.substr(kScheme.size());
  if (!by_url && rest.starts_with("//")) {
    // mlflow-artifacts://host:port/path names the same store with the server spelt out.
    rest.remove_prefix(2);
    const size_t slash = rest.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  }
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return checked_artifact_path(rest);
}

}  // namespace slipway::tracking
