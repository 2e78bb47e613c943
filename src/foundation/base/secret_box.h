// Secrets at rest: sealed with AES-256-GCM, so that a copy of the database tells nothing and a changed byte is noticed.
// Used by domains that must keep a secret in its original form.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace slipway {

// Safe to share between threads.
class SecretBox {
 public:
  // The key is `passphrase` (hashed) when there is one, else the content of the file, which is made with a random key
  // and for its owner alone the first time something is sealed.
  SecretBox(std::string_view passphrase, std::string key_file);

  // Bytes that only `open` with the same context understands; sealed twice they differ.
  std::string seal(std::string_view secret, std::string_view context);
  // Throws data_loss for bytes that were changed, or sealed with another key or for another context.
  std::string open(std::string_view sealed, std::string_view context);

 private:
  enum class Missing { kMake, kFail };
  std::string key(Missing missing);

  const std::string key_file_;
  std::mutex mutex_;  // guards key_
  std::string key_;
};

}  // namespace slipway
