#include "foundation/http/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

#include "foundation/base/text.h"

namespace slipway::http {

namespace {

namespace beast = boost::beast;
using beast::http::field;
using BeastError = beast::error_code;

constexpr size_t kMaxFields = 200;

std::string_view view(beast::string_view value) { return {value.data(), value.size()}; }

// Puts what Beast finds straight into our own structs; nothing is stored twice.
template <bool is_request>
class Glue final : public beast::http::basic_parser<is_request> {
 public:
  std::string* method = nullptr;
  std::string* target = nullptr;
  int* status = nullptr;
  Headers* headers = nullptr;
  Framing framing;
  std::optional<Refusal> refusal;
  size_t fields = 0;
  size_t hosts = 0;
  size_t lengths = 0;
  char* output = nullptr;
  size_t capacity = 0;
  size_t produced = 0;

  Glue() {
    this->eager(false);
    this->body_limit(boost::none);
    this->header_limit(UINT32_MAX);  // the caller limits what it hands in
  }

 private:
  void refuse(int with_status, std::string message, BeastError& error) {
    refusal = Refusal{with_status, std::move(message)};
    error = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb /*verb*/, beast::string_view name, beast::string_view where, int version,
                       BeastError& /*error*/) override {
    framing.is_http11 = version == 11;
    method->assign(name.data(), name.size());
    target->assign(where.data(), where.size());
  }

  void on_response_impl(int code, beast::string_view /*reason*/, int version, BeastError& /*error*/) override {
    framing.is_http11 = version == 11;
    *status = code;
  }

  void on_field_impl(field name, beast::string_view name_text, beast::string_view value, BeastError& error) override {
    if (this->is_header_done()) return;  // trailers: nobody asks for them
    if (++fields > kMaxFields) return refuse(431, "the request has over 200 header fields", error);
    if (is_request) check_request_field(name, view(value), error);
    headers->add(std::string(view(name_text)), std::string(view(value)));
  }

  void check_request_field(field name, std::string_view value, BeastError& error) {
    switch (name) {
      case field::host:
        ++hosts;
        return;
      case field::content_length:
        if (++lengths > 1) return refuse(400, "the request has two Content-Lengths", error);
        if (value.find_first_not_of("0123456789") != std::string_view::npos || value.empty()) {
          refuse(400, "Content-Length is not a number", error);
        }
        return;
      case field::transfer_encoding:
        if (!text::equal_ignoring_case(value, "chunked")) {
          refuse(501, "the only transfer encoding here is chunked", error);
        } else if (!framing.is_http11) {
          refuse(400, "HTTP/1.0 has no Transfer-Encoding", error);
        }
        return;
      case field::expect:
        if (!text::equal_ignoring_case(value, "100-continue")) {
          refuse(417, "the only expectation here is 100-continue", error);
        }
        framing.expects_continue = framing.is_http11;
        return;
      default:
        return;
    }
  }

  void on_header_impl(BeastError& error) override {
    if (is_request && framing.is_http11 && hosts == 0) return refuse(400, "the request has no Host", error);
    if (is_request && hosts > 1) return refuse(400, "the request has two Hosts", error);
    framing.keep_alive = this->keep_alive();
    framing.chunked = this->chunked();
    framing.until_close = this->need_eof();
    if (const auto length = this->content_length()) framing.content_length = *length;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, BeastError& /*error*/) override {}
  std::size_t on_body_impl(beast::string_view body, BeastError& /*error*/) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/, BeastError& /*error*/) override {
  }

  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, beast::string_view body, BeastError& /*error*/) override {
    const size_t count = std::min(body.size(), capacity - produced);
    std::memcpy(output + produced, body.data(), count);
    produced += count;
    return count;
  }

  void on_finish_impl(BeastError& /*error*/) override {}
};

// Beast says the same of HTTP/2.0 and of a line that ends badly.
bool names_a_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  const size_t version = line.rfind(" HTTP/");
  if (version == std::string_view::npos || !line.ends_with('\r')) return false;
  const std::string_view number = line.substr(version + 6);
  return number.size() == 4 && number[1] == '.' && number.find_first_not_of("0123456789.\r") == std::string_view::npos;
}

Refusal refusal_of(const BeastError& error, std::string_view head) {
  if (error == beast::http::error::bad_version && names_a_version(head)) {
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  return {400, text::concat("the request is malformed: ", error.message())};
}

template <typename Parser>
Decoded decode_chunks(Parser& parser, std::string_view input, char* output, size_t capacity) {
  Decoded decoded;
  parser.output = output;
  parser.capacity = capacity;
  parser.produced = 0;
  while (!parser.is_done() && parser.produced < capacity) {
    BeastError error;
    const size_t taken =
        parser.put(boost::asio::const_buffer(input.data() + decoded.consumed, input.size() - decoded.consumed), error);
    decoded.consumed += taken;
    if (error == beast::http::error::need_more) break;
    decoded.damaged = static_cast<bool>(error);
    if (error || (taken == 0 && !parser.is_done())) break;
  }
  decoded.produced = parser.produced;
  decoded.done = parser.is_done();
  return decoded;
}

// A field that goes on in the next line is long forbidden, and read differently by different servers.
bool has_folded_field(std::string_view head) {
  for (size_t at = head.find('\n'); at + 1 < head.size(); at = head.find('\n', at + 1)) {
    if (head[at + 1] == ' ' || head[at + 1] == '\t') return true;
  }
  return false;
}

std::string_view after_authority(std::string_view target) {
  const size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const size_t slash = target.find_first_of("/?", scheme + 3);
  return slash == std::string_view::npos || target[slash] == '?' ? std::string_view("/") : target.substr(slash);
}

std::optional<Refusal> split_target(Request& request) {
  const std::string_view rest = after_authority(request.target);
  const size_t mark = rest.find('?');
  auto path = percent_decode(rest.substr(0, mark));
  if (!path || path->find('\0') != std::string::npos) return Refusal{400, "the path has a bad percent escape"};
  request.path = *std::move(path);
  if (mark == std::string_view::npos) return std::nullopt;
  auto query = parse_query(rest.substr(mark + 1));
  if (!query) return Refusal{400, "the query has a bad percent escape"};
  request.query = *std::move(query);
  return std::nullopt;
}

}  // namespace

struct RequestParser::State {
  std::optional<Glue<true>> glue;
  bool unfinished = false;
};

RequestParser::RequestParser() : state_(std::make_unique<State>()) {}
RequestParser::~RequestParser() = default;

const Framing& RequestParser::framing() const { return state_->glue->framing; }

std::optional<Refusal> RequestParser::parse(std::string_view head, Request& request) {
  Glue<true>& glue = state_->glue.emplace();
  glue.method = &request.method;
  glue.target = &request.target;
  glue.headers = &request.headers;
  BeastError error;
  const size_t taken = glue.put(boost::asio::const_buffer(head.data(), head.size()), error);
  state_->unfinished = error == beast::http::error::need_more;
  if (glue.refusal) return glue.refusal;
  if (error) return refusal_of(error, head);
  if (taken != head.size() || has_folded_field(head)) return Refusal{400, "the request is malformed"};
  request.content_length = glue.framing.chunked ? std::nullopt : glue.framing.content_length;
  return split_target(request);
}

std::optional<Refusal> RequestParser::check_partial(std::string_view bytes) {
  Request request;
  auto refusal = parse(bytes, request);
  return state_->unfinished ? std::nullopt : refusal;
}

std::string_view RequestParser::encoded_path(const Request& request) {
  const std::string_view rest = after_authority(request.target);
  return rest.substr(0, rest.find('?'));
}

Decoded RequestParser::decode(std::string_view input, char* output, size_t capacity) {
  return decode_chunks(*state_->glue, input, output, capacity);
}

struct ResponseParser::State {
  std::optional<Glue<false>> glue;
};

ResponseParser::ResponseParser() : state_(std::make_unique<State>()) {}
ResponseParser::~ResponseParser() = default;

const Framing& ResponseParser::framing() const { return state_->glue->framing; }

bool ResponseParser::parse(std::string_view head, std::string_view request_method, int& status, Headers& headers) {
  Glue<false>& glue = state_->glue.emplace();
  glue.status = &status;
  glue.headers = &headers;
  glue.skip(request_method == "HEAD");
  BeastError error;
  const size_t taken = glue.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error || taken != head.size() || !glue.is_header_done()) return false;
  if (glue.is_done()) {
    glue.framing.chunked = false;
    glue.framing.until_close = false;
    glue.framing.content_length = 0;
  }
  return true;
}

Decoded ResponseParser::decode(std::string_view input, char* output, size_t capacity) {
  return decode_chunks(*state_->glue, input, output, capacity);
}

size_t find_head_end(std::string_view bytes, size_t scanned) {
  const size_t end = bytes.find("\r\n\r\n", scanned < 3 ? 0 : scanned - 3);
  return end == std::string_view::npos ? 0 : end + 4;
}

}  // namespace slipway::http
