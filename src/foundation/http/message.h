// What a request and a response are, for handlers and for the client. No Boost here: handlers stay cheap to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slipway::http {

// Header fields in the order they came; names compare without case.
class Headers {
 public:
  std::optional<std::string_view> find(std::string_view name) const;
  void add(std::string name, std::string value);
  // Replaces every field of that name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A body that arrives piece by piece.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // Up to `capacity` bytes; 0 at the end. Throws deadline_exceeded, too_large, or unavailable when the peer went away.
  virtual size_t read(char* buffer, size_t capacity) = 0;
};

// Where a streamed body is written to.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual void write(std::string_view bytes) = 0;
};

// Pairs of a query string or a form, percent-decoded once, in order, repeated names kept.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // upper case
  std::string target;  // as received: path and query, still encoded
  std::string path;    // percent-decoded once
  Query query;
  Headers headers;
  std::map<std::string, std::string, std::less<>> parameters;  // {name} of the route's pattern
  std::optional<uint64_t> content_length;
  std::string peer;                    // address of the other end
  std::string request_id;              // X-Request-Id if the client sent a sane one, else new
  BodyReader* body = nullptr;          // never null inside a handler
  std::shared_ptr<const void> caller;  // what the filter found out about who asks; identity knows its type

  std::optional<std::string_view> find_query(std::string_view name) const;
  std::vector<std::string_view> all_query(std::string_view name) const;
  std::string_view parameter(std::string_view name) const;
  // The whole body, after Content-Encoding gzip or deflate is undone; too_large over the limit.
  std::string read_body(size_t limit_bytes = size_t{64} << 20U);
};

// Part of a file, sent without passing through our memory where the connection allows.
struct FileBody {
  std::string path;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// Written while it is sent; with a length it goes plain, without one chunked. An exception inside closes the connection
// so that the client sees a broken body, not a short one.
struct StreamBody {
  std::function<void(BodyWriter&)> write;
  std::optional<uint64_t> length;
};

struct Response {
  int status = 200;
  Headers headers;
  std::variant<std::string, FileBody, StreamBody> body;

  static Response text(int status, std::string content, std::string_view type = "text/plain; charset=utf-8");
  static Response json(int status, std::string content);
  static Response html(int status, std::string content);
  static Response empty(int status);
};

std::string percent_encode(std::string_view value, std::string_view keep = "");
// Decodes once; nullopt on a bad escape. `plus_is_space` for query strings and forms.
std::optional<std::string> percent_decode(std::string_view value, bool plus_is_space = false);
std::optional<Query> parse_query(std::string_view encoded);
std::string_view reason_phrase(int status);
// By the file name's extension; application/octet-stream if unknown.
std::string_view content_type_of(std::string_view file_name);

// The answer for a file of `size_bytes` with regard to Range, If-None-Match and HEAD: 200, 206, 304 or 416. Sets
// Accept-Ranges, Content-Range, ETag (when given).
Response file_response(const Request& request, const std::string& path, uint64_t size_bytes,
                       std::string_view content_type, std::string_view etag = "");

}  // namespace slipway::http
