// What is to be sent: bytes that can be read again from any place, so that a transfer can be tried again and parts of
// it can go at the same time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/base/files.h"

namespace slipway::remotes {

class Content {
 public:
  virtual ~Content() = default;
  virtual uint64_t size() const = 0;
  // Up to `capacity` bytes; 0 at the end.
  virtual size_t read_at(uint64_t offset, char* buffer, size_t capacity) = 0;

  // Exactly these bytes; throws conflict when the content has become shorter.
  std::string read_part(uint64_t offset, uint64_t length);
};

// The bytes must outlive it.
class MemoryContent final : public Content {
 public:
  explicit MemoryContent(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  size_t read_at(uint64_t offset, char* buffer, size_t capacity) override;

 private:
  const std::string_view bytes_;
};

class FileContent final : public Content {
 public:
  // Throws not_found and friends.
  explicit FileContent(const std::string& path);
  uint64_t size() const override { return size_; }
  size_t read_at(uint64_t offset, char* buffer, size_t capacity) override;

 private:
  const std::string path_;
  const files::Descriptor file_;
  uint64_t size_ = 0;
};

}  // namespace slipway::remotes
