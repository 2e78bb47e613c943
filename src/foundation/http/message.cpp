#include "foundation/http/message.h"

#include <algorithm>
#include <array>

#include "foundation/base/error.h"
#include "foundation/http/compression.h"

namespace slipway::http {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (field.size() == name.size() && text::equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

void Headers::add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(name, std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return text::equal_ignoring_case(field.first, name); });
}

std::optional<std::string_view> Request::find_query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::all_query(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : query) {
    if (key == name) values.emplace_back(value);
  }
  return values;
}

std::string_view Request::parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  if (found == parameters.end()) throw internal_error("the route of ", path, " has no parameter ", name);
  return found->second;
}

namespace {

constexpr size_t kReadStep = size_t{64} * 1024;

Error body_too_large(size_t limit_bytes) {
  return too_large("the request body is over the limit of ", limit_bytes, " bytes");
}

std::string read_plain(BodyReader& body, std::optional<uint64_t> length, size_t limit_bytes) {
  if (length && *length > limit_bytes) throw body_too_large(limit_bytes);
  std::string out;
  // A claimed length is trusted with memory only as its bytes arrive.
  size_t step = length ? std::min<size_t>(*length + 1, size_t{1} << 20U) : kReadStep;
  for (;;) {
    const size_t have = out.size();
    out.resize(have + step);
    const size_t got = body.read(out.data() + have, step);
    out.resize(have + got);
    if (got == 0) return out;
    if (out.size() > limit_bytes) throw body_too_large(limit_bytes);
    if (length && out.size() == *length) return out;
    step = length ? std::min<size_t>(*length - out.size(), std::max<size_t>(out.size(), kReadStep)) : kReadStep;
  }
}

std::string read_inflated(BodyReader& body, size_t limit_bytes) {
  Inflater inflater;
  std::string out;
  std::vector<char> input(kReadStep);
  while (const size_t got = body.read(input.data(), input.size())) {
    if (!inflater.feed({input.data(), got}, out, limit_bytes)) throw body_too_large(limit_bytes);
  }
  if (!inflater.finished()) throw invalid_argument("the compressed request body ends too early");
  return out;
}

}  // namespace

std::string Request::read_body(size_t limit_bytes) {
  const std::string_view encoding = text::trim(headers.find("Content-Encoding").value_or(""));
  if (encoding.empty() || text::equal_ignoring_case(encoding, "identity")) {
    return read_plain(*body, content_length, limit_bytes);
  }
  static constexpr std::array<std::string_view, 3> kKnown = {"gzip", "x-gzip", "deflate"};
  const auto is_known = [&](std::string_view name) { return text::equal_ignoring_case(name, encoding); };
  if (std::none_of(kKnown.begin(), kKnown.end(), is_known)) {
    throw invalid_argument("content encoding ", encoding, " is not supported; send gzip, deflate or none");
  }
  return read_inflated(*body, limit_bytes);
}

Response Response::text(int status, std::string content, std::string_view type) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::string(type));
  response.body = std::move(content);
  return response;
}

Response Response::json(int status, std::string content) {
  return text(status, std::move(content), "application/json");
}

Response Response::html(int status, std::string content) {
  return text(status, std::move(content), "text/html; charset=utf-8");
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

std::string_view reason_phrase(int status) {
  struct Reason {
    int status;
    std::string_view phrase;
  };
  static constexpr std::array<Reason, 41> kReasons = {{
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  }};
  const auto* found =
      std::find_if(kReasons.begin(), kReasons.end(), [&](const Reason& r) { return r.status == status; });
  return found == kReasons.end() ? "Unknown" : found->phrase;
}

}  // namespace slipway::http
