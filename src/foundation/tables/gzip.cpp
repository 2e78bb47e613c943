#include "foundation/tables/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "foundation/base/error.h"

namespace slipway::tables {

namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr size_t kPiece = size_t{1} << 18;

Bytef* input_of(std::string_view bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }

// zlib counts in 32 bits.
uInt take_size(std::string_view bytes) {
  return static_cast<uInt>(std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
}

struct Inflater {
  z_stream stream{};
  Inflater() {
    if (::inflateInit2(&stream, kGzipWindow) != Z_OK) throw internal_error("zlib cannot start");
  }
  ~Inflater() { ::inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

std::string gunzip(std::string_view compressed, const std::string& what) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  std::string out;
  std::string piece(kPiece, '\0');
  int status = Z_OK;
  while (true) {
    if (status == Z_STREAM_END) {
      if (compressed.empty()) return out;
      ::inflateReset(&stream);
    }
    stream.next_in = input_of(compressed);
    stream.avail_in = take_size(compressed);
    const uInt given = stream.avail_in;
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
    compressed.remove_prefix(given - stream.avail_in);
    const bool is_stuck = status == Z_BUF_ERROR || (compressed.empty() && status == Z_OK && stream.avail_out != 0);
    if ((status != Z_OK && status != Z_STREAM_END) || is_stuck) {
      throw data_loss(what, " is damaged or cut short and cannot be unpacked as gzip");
    }
  }
}

struct GzipWriter::State {
  z_stream stream{};
  std::array<char, kPiece> piece;
};

GzipWriter::GzipWriter(std::function<void(std::string_view)> write)
    : write_(std::move(write)), state_(std::make_unique<State>()) {
  const int status =
      ::deflateInit2(&state_->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  if (status != Z_OK) throw internal_error("zlib cannot start");
}

GzipWriter::~GzipWriter() { ::deflateEnd(&state_->stream); }

void GzipWriter::add(std::string_view bytes) { deflate_all(bytes, Z_NO_FLUSH); }

void GzipWriter::finish() { deflate_all({}, Z_FINISH); }

void GzipWriter::deflate_all(std::string_view bytes, int flush) {
  z_stream& stream = state_->stream;
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(state_->piece.data());
    stream.avail_out = static_cast<uInt>(state_->piece.size());
    ::deflate(&stream, flush);
    write_({state_->piece.data(), state_->piece.size() - stream.avail_out});
  } while (stream.avail_out == 0);
}

}  // namespace slipway::tables
