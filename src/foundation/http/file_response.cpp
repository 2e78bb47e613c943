// The answer for a file: whole, a part of it, not modified, or not satisfiable. Declared in message.h.
#include "foundation/base/text.h"
#include "foundation/http/message.h"

namespace slipway::http {

namespace {

struct Span {
  uint64_t first = 0;
  uint64_t length = 0;
};

enum class RangeKind { kNone, kPart, kUnsatisfiable };

std::optional<uint64_t> digits(std::string_view value) {
  const auto number = text::parse_int(value);
  if (!number || *number < 0 || value.front() == '+' || value.front() == '-') return std::nullopt;
  return static_cast<uint64_t>(*number);
}

// One range only: a server may ignore what it does not support (RFC 9110, 14.2), and several ranges are never asked of
// us.
RangeKind parse_range(std::string_view header, uint64_t size_bytes, Span& span) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit) || header.find(',') != std::string_view::npos) return RangeKind::kNone;
  const std::string_view value = text::trim(header.substr(kUnit.size()));
  const size_t dash = value.find('-');
  if (dash == std::string_view::npos) return RangeKind::kNone;
  const std::string_view from = value.substr(0, dash);
  const std::string_view to = value.substr(dash + 1);
  if (from.empty()) {
    const auto suffix = to.empty() ? std::nullopt : digits(to);
    if (!suffix) return RangeKind::kNone;
    if (*suffix == 0 || size_bytes == 0) return RangeKind::kUnsatisfiable;
    span.length = std::min(*suffix, size_bytes);
    span.first = size_bytes - span.length;
    return RangeKind::kPart;
  }
  const auto first = digits(from);
  const auto last = to.empty() ? std::optional<uint64_t>(UINT64_MAX) : digits(to);
  if (!first || !last || *last < *first) return RangeKind::kNone;
  if (*first >= size_bytes) return RangeKind::kUnsatisfiable;
  span.first = *first;
  span.length = std::min(*last, size_bytes - 1) - *first + 1;
  return RangeKind::kPart;
}

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

bool lists_tag(std::string_view header, std::string_view etag) {
  while (!header.empty()) {
    const size_t comma = header.find(',');
    const std::string_view tag = text::trim(header.substr(0, comma));
    if (tag == "*" || (!tag.empty() && without_weakness(tag) == without_weakness(etag))) return true;
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
  }
  return false;
}

std::string quoted(std::string_view etag) {
  if (etag.empty() || etag.starts_with("\"") || etag.starts_with("W/")) return std::string(etag);
  return text::concat('"', etag, '"');
}

}  // namespace

Response file_response(const Request& request, const std::string& path, uint64_t size_bytes,
                       std::string_view content_type, std::string_view etag) {
  const std::string tag = quoted(etag);
  Response response;
  response.headers.add("Accept-Ranges", "bytes");
  if (!tag.empty()) response.headers.add("ETag", tag);
  const auto known = request.headers.find("If-None-Match");
  if (known && !tag.empty() && lists_tag(*known, tag)) {
    response.status = 304;
    return response;
  }
  Span span{0, size_bytes};
  auto range = request.headers.find("Range");
  // With If-Range the part counts only for exactly this content: a weak tag or a date never is.
  const auto condition = request.headers.find("If-Range");
  if (condition && (tag.empty() || *condition != tag || tag.starts_with("W/"))) range.reset();
  if (request.method != "GET") range.reset();
  const RangeKind kind = range ? parse_range(*range, size_bytes, span) : RangeKind::kNone;
  if (kind == RangeKind::kUnsatisfiable) {
    response.status = 416;
    response.headers.add("Content-Range", text::concat("bytes */", size_bytes));
    return response;
  }
  if (kind == RangeKind::kPart) {
    response.status = 206;
    response.headers.add("Content-Range",
                         text::concat("bytes ", span.first, '-', span.first + span.length - 1, '/', size_bytes));
  }
  response.headers.add("Content-Type", std::string(content_type));
  response.body = FileBody{path, span.first, span.length};
  return response;
}

}  // namespace slipway::http
