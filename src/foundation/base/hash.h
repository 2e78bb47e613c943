// Digests over bytes and files, by OpenSSL. Used by blobs, data and packaging.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace slipway {

enum class HashKind { kMd5, kSha1, kSha256 };

// Feed bytes, then take the lower-case hexadecimal digest once.
class Hasher {
 public:
  explicit Hasher(HashKind kind);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::string_view bytes);
  void update(std::span<const std::byte> bytes);
  std::string finish_hex();
  std::string finish_raw();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hash_hex(HashKind kind, std::string_view bytes);
std::string hash_raw(HashKind kind, std::string_view bytes);
// Streams the file; throws system_error when it cannot be read.
std::string hash_file_hex(HashKind kind, const std::string& path);
// Raw 32 bytes of HMAC-SHA-256.
std::string hmac_sha256(std::string_view key, std::string_view message);

std::string to_hex(std::string_view bytes);
std::string base64_encode(std::string_view bytes);
// Throws invalid_argument on anything but canonical base64 with padding.
std::string base64_decode(std::string_view encoded);
// Equality in time that depends on the lengths only; for tokens and signatures.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace slipway
