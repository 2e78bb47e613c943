#include "foundation/http/response_writer.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "foundation/base/error.h"

namespace slipway::http {

namespace {

constexpr size_t kGzipFrom = 1024;

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

// One look per character: every field of every answer passes here.
constexpr auto kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token(std::string_view name) {
  for (const char c : name) {
    if (!kTokenCharacters[static_cast<unsigned char>(c)]) return false;
  }
  return !name.empty();
}

bool is_field_value(std::string_view value) {
  bool clean = true;  // without an early end the compiler can look at many at once
  for (const char c : value) clean &= (static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != 0x7f;
  return clean;
}

// The server's own business: what a handler says about these is dropped, twice would be ambiguous.
bool is_ours(std::string_view name) {
  switch (name.size()) {
    case 4:
      return text::equal_ignoring_case(name, "Date");
    case 6:
      return text::equal_ignoring_case(name, "Server");
    case 10:
      return text::equal_ignoring_case(name, "Connection") || text::equal_ignoring_case(name, "Keep-Alive");
    case 12:
      return text::equal_ignoring_case(name, "X-Request-Id");
    case 14:
      return text::equal_ignoring_case(name, "Content-Length");
    case 17:
      return text::equal_ignoring_case(name, "Transfer-Encoding");
    default:
      return false;
  }
}

void append_number(std::string& out, uint64_t number, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void ResponseWriter::append_date() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != date_second_) {
    date_second_ = now.tv_sec;
    std::tm parts{};
    gmtime_r(&date_second_, &parts);
    // The C locale's names; nobody sets another.
    std::strftime(date_.data(), date_.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  head_.append(date_.data());
}

void ResponseWriter::write_head(const Response& response, std::string_view request_id, Framed framed, uint64_t length,
                                const Terms& terms) {
  head_.assign("HTTP/1.1 ");
  append_number(head_, static_cast<uint64_t>(response.status));
  head_.append(" ").append(reason_phrase(response.status)).append("\r\nServer: slipway\r\nDate: ");
  append_date();
  for (const auto& [name, value] : response.headers.all()) {
    if (is_ours(name)) continue;
    if (!is_token(name) || !is_field_value(value)) {
      throw internal_error("the answer's header field ", text::escape_markup(name), " has characters it must not have");
    }
    head_.append("\r\n").append(name).append(": ").append(value);
  }
  if (!request_id.empty()) head_.append("\r\nX-Request-Id: ").append(request_id);
  if (framed == Framed::kLength) {
    head_.append("\r\nContent-Length: ");
    append_number(head_, length);
  } else if (framed == Framed::kChunks) {
    head_.append("\r\nTransfer-Encoding: chunked");
  }
  if (!terms.keep_alive) {
    head_.append("\r\nConnection: close");
  } else if (!terms.is_http11) {
    head_.append("\r\nConnection: keep-alive");
  }
  head_.append("\r\n\r\n");
}

void ResponseWriter::compress(Response& response, std::string& content, const Terms& terms) {
  if (content.size() < kGzipFrom || response.headers.find("Content-Encoding") || response.status == 206) return;
  const auto type = response.headers.find("Content-Type");
  if (!type || !is_compressible(*type)) return;
  response.headers.add("Vary", "Accept-Encoding");
  if (!terms.takes_gzip) return;
  content = gzip_.compress(content);
  response.headers.set("Content-Encoding", "gzip");
  // Other bytes than the plain answer's: a strong tag would be a lie.
  const auto tag = response.headers.find("ETag");
  if (tag && !tag->starts_with("W/")) response.headers.set("ETag", text::concat("W/", *tag));
}

std::string_view ResponseWriter::prepare_text(Response& response, std::string& content, std::string_view request_id,
                                              const Terms& terms) {
  compress(response, content, terms);
  const bool without_body = has_no_body(response.status);
  uint64_t length = content.size();
  if (terms.is_head && content.empty()) {
    // A handler that answers HEAD itself says how long the body would be.
    const auto said = text::parse_int(response.headers.find("Content-Length").value_or("0"));
    length = static_cast<uint64_t>(std::max<int64_t>(said.value_or(0), 0));
  }
  write_head(response, request_id, without_body ? Framed::kNoBody : Framed::kLength, length, terms);
  return terms.is_head || without_body ? std::string_view() : std::string_view(content);
}

std::string ResponseWriter::compose(Response& response, std::string_view request_id, const Terms& terms) {
  const std::string_view content = prepare_text(response, std::get<std::string>(response.body), request_id, terms);
  body_bytes_ = content.size();
  return text::concat(head_, content);
}

void ResponseWriter::send_file(Stream& stream, const Response& response, const FileBody& file,
                               std::string_view request_id, const Terms& terms) {
  const files::Descriptor opened = files::open_for_reading(file.path);
  struct stat facts {};
  if (::fstat(opened.get(), &facts) != 0) throw system_error(file.path);
  if (static_cast<uint64_t>(facts.st_size) < file.offset + file.length) {
    throw data_loss("the file ", file.path, " is shorter than it should be");
  }
  write_head(response, request_id, Framed::kLength, file.length, terms);
  started_ = true;
  const std::string_view head = head_;
  const bool with_content = !terms.is_head && file.length > 0;
  stream.write({&head, 1}, terms.timeout_ms, with_content);
  if (!with_content) return;
  stream.write_file(opened.get(), file.offset, file.length, terms.timeout_ms);
  body_bytes_ = file.length;
}

// The head waits for the first write, so that a failure before it still gets a proper answer.
class ResponseWriter::StreamSink final : public BodyWriter {
 public:
  StreamSink(ResponseWriter& writer, Stream& stream, Framed framed, std::optional<uint64_t> length, int64_t timeout_ms)
      : writer_(writer), stream_(stream), framed_(framed), length_(length), timeout_ms_(timeout_ms) {}

  void write(std::string_view bytes) override {
    if (length_ && writer_.body_bytes_ + bytes.size() > *length_) {
      throw internal_error("a streamed body is longer than its length of ", *length_, " bytes");
    }
    const std::string_view head = writer_.started_ ? std::string_view() : std::string_view(writer_.head_);
    writer_.started_ = true;
    std::string frame;
    // An empty chunk would end the body.
    const bool in_chunk = framed_ == Framed::kChunks && !bytes.empty();
    if (in_chunk) {
      append_number(frame, bytes.size(), 16);
      frame.append("\r\n");
    }
    const std::array<std::string_view, 4> pieces = {head, frame, bytes, in_chunk ? "\r\n" : ""};
    stream_.write(pieces, timeout_ms_);
    writer_.body_bytes_ += bytes.size();
  }

  void finish() {
    if (length_ && writer_.body_bytes_ != *length_) {
      throw internal_error("a streamed body is shorter than its length of ", *length_, " bytes");
    }
    if (!writer_.started_) write("");
    if (framed_ == Framed::kChunks) stream_.write("0\r\n\r\n", timeout_ms_);
  }

 private:
  ResponseWriter& writer_;
  Stream& stream_;
  const Framed framed_;
  const std::optional<uint64_t> length_;
  const int64_t timeout_ms_;
};

void ResponseWriter::send_stream(Stream& stream, const Response& response, const StreamBody& body,
                                 std::string_view request_id, Terms& terms) {
  Framed framed = body.length ? Framed::kLength : Framed::kChunks;
  if (has_no_body(response.status)) {
    framed = Framed::kNoBody;
  } else if (!body.length && !terms.is_http11) {
    framed = Framed::kUntilClose;
    terms.keep_alive = false;
  }
  write_head(response, request_id, framed, body.length.value_or(0), terms);
  if (terms.is_head || framed == Framed::kNoBody) {
    started_ = true;
    return stream.write(head_, terms.timeout_ms);
  }
  StreamSink sink(*this, stream, framed, body.length, terms.timeout_ms);
  body.write(sink);
  sink.finish();
}

void ResponseWriter::send(Stream& stream, Response& response, std::string_view request_id, Terms& terms) {
  if (auto* content = std::get_if<std::string>(&response.body)) {
    const std::string_view body = prepare_text(response, *content, request_id, terms);
    started_ = true;
    const std::array<std::string_view, 2> pieces = {head_, body};
    stream.write(pieces, terms.timeout_ms);
    body_bytes_ = body.size();
  } else if (const auto* file = std::get_if<FileBody>(&response.body)) {
    send_file(stream, response, *file, request_id, terms);
  } else {
    send_stream(stream, response, std::get<StreamBody>(response.body), request_id, terms);
  }
}

}  // namespace slipway::http
