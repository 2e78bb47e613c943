// Whole gzip streams, for .csv.gz. Used by io.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace slipway::tables {

// All members one after another; throws data_loss naming `what` when the bytes are damaged or cut short.
std::string gunzip(std::string_view compressed, const std::string& what);

// Compresses in pieces; the same input gives the same bytes (no time, no name).
class GzipWriter {
 public:
  explicit GzipWriter(std::function<void(std::string_view)> write);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  void add(std::string_view bytes);
  void finish();

 private:
  struct State;
  void deflate_all(std::string_view bytes, int flush);

  std::function<void(std::string_view)> write_;
  std::unique_ptr<State> state_;
};

}  // namespace slipway::tables
