// Bytes from a client through everything that reads them before a handler: head, target, query, path, router, chunks,
// ranges, encodings and, the other way, a server's answer.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/http/compression.h"
#include "foundation/http/parser.h"
#include "foundation/http/router.h"
#include "foundation/http/url.h"

namespace slipway::http {
namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

const Router& routes() {
  static const Router router = [] {
    Router made;
    for (const char* pattern :
         {"/", "/a/{x}", "/a/b", "/a/{x}:predict", "/a/{x}-{y}/z", "/f/{path*}", "/{any}/{path*}"}) {
      Route route;
      route.method = "GET";
      route.pattern = pattern;
      made.add(std::move(route));
    }
    return made;
  }();
  return router;
}

class PieceBody final : public BodyReader {
 public:
  explicit PieceBody(std::string_view bytes) : bytes_(bytes) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t count = std::min({capacity, bytes_.size(), size_t{5}});
    bytes_.copy(buffer, count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
};

void read_chunks(RequestParser& parser, std::string_view bytes) {
  std::array<char, 7> output{};
  for (;;) {
    const Decoded decoded = parser.decode(bytes, output.data(), output.size());
    must(decoded.consumed <= bytes.size() && decoded.produced <= output.size());
    bytes.remove_prefix(decoded.consumed);
    if (decoded.done || decoded.damaged || (decoded.consumed == 0 && decoded.produced == 0)) return;
  }
}

void use(Request& request, std::string_view rest) {
  PieceBody body(rest);
  request.body = &body;
  try {
    must(request.read_body(1000).size() <= 1000);
  } catch (const Error&) {  // refused
  }
  std::vector<std::string> allowed;
  const Match match = routes().find(request.method, RequestParser::encoded_path(request), &allowed);
  must(match.route == nullptr || allowed.empty());
  const Response response = file_response(request, "/f", 1000, "text/plain", "tag");
  if (const auto* file = std::get_if<FileBody>(&response.body)) must(file->offset + file->length <= 1000);
  accepts_gzip(request.headers.find("Accept-Encoding").value_or(""));
}

void read_request(std::string_view bytes) {
  RequestParser parser;
  const size_t head_size = find_head_end(bytes);
  if (head_size == 0) {
    parser.check_partial(bytes);
    return;
  }
  Request request;
  if (parser.parse(bytes.substr(0, head_size), request)) return;
  must(!(parser.framing().chunked && request.content_length));
  if (parser.framing().chunked) read_chunks(parser, bytes.substr(head_size));
  use(request, bytes.substr(head_size));
}

void read_texts(std::string_view bytes) {
  const auto decoded = percent_decode(bytes);
  must(percent_decode(percent_encode(bytes)) == bytes);
  if (decoded) must(percent_decode(percent_encode(*decoded)) == *decoded);
  parse_query(bytes);
  content_type_of(bytes);
  is_compressible(bytes);
  try {
    parse_url(bytes);
  } catch (const Error&) {  // refused
  }
}

void read_response(std::string_view bytes) {
  const size_t head_size = find_head_end(bytes);
  if (head_size == 0) return;
  ResponseParser parser;
  int status = 0;
  Headers headers;
  if (!parser.parse(bytes.substr(0, head_size), "GET", status, headers) || !parser.framing().chunked) return;
  std::array<char, 64> output{};
  parser.decode(bytes.substr(head_size), output.data(), output.size());
}

}  // namespace
}  // namespace slipway::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  slipway::http::read_request(bytes);
  slipway::http::read_texts(bytes);
  slipway::http::read_response(bytes);
  return 0;
}
