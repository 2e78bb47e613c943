#include "foundation/http/url.h"

#include <algorithm>

#include "foundation/base/error.h"

namespace slipway::http {

namespace {

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : text::concat('[', host, ']');
}

Error bad_url(std::string_view url, std::string_view why) {
  std::string shown(url.substr(0, url.find('?')));
  const size_t at = shown.find('@');
  const size_t scheme = shown.find("://");
  if (at != std::string::npos && scheme != std::string::npos && at > scheme) shown.erase(scheme + 3, at - scheme - 2);
  return invalid_argument("the URL ", shown, ' ', why);
}

bool is_in_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// An IPv6 address, perhaps with a zone.
bool is_in_bracketed_host(char c) { return is_in_host(c) || c == ':' || c == '%'; }

// Takes ":port" off the end of the authority.
int take_port(std::string_view& authority, int usual, std::string_view url) {
  const size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return usual;
  const auto port = text::parse_int(authority.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) throw bad_url(url, "has a port that is not one of 1 to 65535");
  authority = authority.substr(0, colon);
  return static_cast<int>(*port);
}

}  // namespace

std::string Url::origin() const { return text::concat(is_tls ? "https://" : "http://", bracketed(host), ':', port); }

std::string Url::host_field() const {
  const bool is_usual = port == (is_tls ? 443 : 80);
  return is_usual ? bracketed(host) : text::concat(bracketed(host), ':', port);
}

Url parse_url(std::string_view url) {
  Url parsed;
  const size_t scheme_end = url.find("://");
  const std::string scheme = scheme_end == std::string_view::npos ? "" : text::lower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") throw bad_url(url, "must begin with http:// or https://");
  parsed.is_tls = scheme == "https";
  std::string_view rest = url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const size_t path = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos) throw bad_url(url, "must not hold a user name or password");
  parsed.port = take_port(authority, parsed.is_tls ? 443 : 80, url);
  const bool is_bracketed = authority.size() > 2 && authority.starts_with('[') && authority.ends_with(']');
  if (is_bracketed) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) throw bad_url(url, "has no host");
  if (!std::all_of(authority.begin(), authority.end(), is_bracketed ? is_in_bracketed_host : is_in_host)) {
    throw bad_url(url, "has a host with characters that no name or address has");
  }
  parsed.host = authority;
  parsed.target = path == std::string_view::npos ? "/" : std::string(rest.substr(path));
  if (parsed.target.starts_with('?')) parsed.target.insert(0, "/");
  const bool is_encoded =
      std::all_of(parsed.target.begin(), parsed.target.end(), [](char c) { return c > ' ' && c < 127; });
  if (!is_encoded) throw bad_url(url, "has characters that must be percent-encoded");
  return parsed;
}

}  // namespace slipway::http
