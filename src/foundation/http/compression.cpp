#include "foundation/http/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "foundation/base/error.h"

namespace slipway::http {

namespace {
constexpr int kDetectGzipOrZlib = 15 + 32;
constexpr int kWriteGzip = 15 + 16;
constexpr int kBareDeflate = -15;
constexpr size_t kStep = size_t{64} * 1024;

Bytef* bytes_of(const char* data) { return reinterpret_cast<Bytef*>(const_cast<char*>(data)); }
}  // namespace

struct Inflater::State {
  z_stream stream{};
  bool started = false;
  bool finished = false;
};

Inflater::Inflater() : state_(std::make_unique<State>()) {
  if (inflateInit2(&state_->stream, kDetectGzipOrZlib) != Z_OK) throw internal_error("zlib cannot start to inflate");
}

Inflater::~Inflater() { inflateEnd(&state_->stream); }

bool Inflater::finished() const { return state_->finished; }

bool Inflater::feed(std::string_view input, std::string& out, size_t limit_bytes) {
  z_stream& stream = state_->stream;
  stream.next_in = bytes_of(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  if (!state_->started && !input.empty()) {
    state_->started = true;
    const auto first = static_cast<unsigned char>(input.front());
    // A zlib header begins with method 8 in the low bits, gzip with 0x1f; anything else must be bare deflate.
    if (first != 0x1f && (first & 15U) != 8) inflateReset2(&stream, kBareDeflate);
  }
  while (stream.avail_in > 0 || stream.avail_out == 0) {
    if (state_->finished) throw invalid_argument("the compressed request body has bytes after its end");
    const size_t have = out.size();
    if (have > limit_bytes) return false;
    const size_t step = std::min(kStep, limit_bytes - have + 1);
    out.resize(have + step);
    stream.next_out = bytes_of(out.data() + have);
    stream.avail_out = static_cast<uInt>(step);
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.resize(have + step - stream.avail_out);
    state_->finished = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      throw invalid_argument("the compressed request body is damaged");
    }
    if (code == Z_BUF_ERROR || (state_->finished && stream.avail_in == 0)) break;
  }
  return out.size() <= limit_bytes;
}

struct Gzip::State {
  z_stream stream{};
  ~State() { deflateEnd(&stream); }
};

Gzip::Gzip() = default;
Gzip::~Gzip() = default;

std::string Gzip::compress(std::string_view input) {
  if (!state_) {
    state_ = std::make_unique<State>();
    if (deflateInit2(&state_->stream, Z_BEST_SPEED, Z_DEFLATED, kWriteGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw internal_error("zlib cannot start to deflate");
    }
  } else {
    deflateReset(&state_->stream);
  }
  z_stream& stream = state_->stream;
  std::string out(deflateBound(&stream, input.size()), '\0');
  size_t taken = 0;
  size_t written = 0;
  int code = Z_OK;
  // zlib counts in 32 bits; bodies may be longer.
  constexpr size_t kMost = size_t{1} << 30U;
  while (code != Z_STREAM_END) {
    const size_t in_step = std::min(kMost, input.size() - taken);
    const size_t out_step = std::min(kMost, out.size() - written);
    stream.next_in = bytes_of(input.data() + taken);
    stream.avail_in = static_cast<uInt>(in_step);
    stream.next_out = bytes_of(out.data() + written);
    stream.avail_out = static_cast<uInt>(out_step);
    code = deflate(&stream, taken + in_step == input.size() ? Z_FINISH : Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) throw internal_error("zlib cannot deflate");
    taken += in_step - stream.avail_in;
    written += out_step - stream.avail_out;
  }
  out.resize(written);
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool by_star = false;
  while (!accept_encoding.empty()) {
    const size_t comma = accept_encoding.find(',');
    const std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding = comma == std::string_view::npos ? std::string_view() : accept_encoding.substr(comma + 1);
    const size_t semicolon = item.find(';');
    const std::string_view name = text::trim(item.substr(0, semicolon));
    std::string_view weight = semicolon == std::string_view::npos ? "" : text::trim(item.substr(semicolon + 1));
    const bool refused = weight.starts_with("q=") && text::parse_double(weight.substr(2)).value_or(0) <= 0;
    if (text::equal_ignoring_case(name, "gzip") || text::equal_ignoring_case(name, "x-gzip")) return !refused;
    if (name == "*") by_star = !refused;
  }
  return by_star;
}

bool is_compressible(std::string_view content_type) {
  const std::string_view type = text::trim(content_type.substr(0, content_type.find(';')));
  // Events of a stream must not wait in a compressor.
  if (type == "text/event-stream") return false;
  static constexpr std::array<std::string_view, 6> kTypes = {"application/json", "application/javascript",
                                                             "application/xml",  "application/x-ndjson",
                                                             "application/yaml", "image/svg+xml"};
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace slipway::http
