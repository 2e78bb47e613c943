// Gzip and deflate of HTTP bodies, by zlib. Used by Request::read_body, the server's answers and the tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace slipway::http {

// Undoes gzip, zlib or (as some clients send under the name "deflate") bare deflate, piece by piece.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends to `out`; false once `out` would pass `limit_bytes`, however small the input (bombs). Throws
  // invalid_argument on bad data.
  bool feed(std::string_view input, std::string& out, size_t limit_bytes);
  bool finished() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Gzip at the fastest level; keep one per thread, its state is a quarter MiB that need not be made anew each time.
class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  std::string compress(std::string_view input);

 private:
  struct State;
  std::unique_ptr<State> state_;  // made on first use
};

// Whether an Accept-Encoding header takes gzip: named or by *, and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);
// Text, JSON and the like, not what is compressed already.
bool is_compressible(std::string_view content_type);

}  // namespace slipway::http
