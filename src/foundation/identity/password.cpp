#include "foundation/identity/password.h"

#include <sodium.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"

namespace slipway::identity {

namespace {

// OWASP's smallest settings for Argon2id: whoever signs in wrongly over and over must not take the server's memory.
constexpr unsigned long long kPasses = 2;
constexpr size_t kMemoryBytes = size_t{19} << 20U;
constexpr int kAtOnce = 2;
constexpr size_t kMinPassword = 12;
constexpr size_t kMaxPassword = 1024;

void ready() {
  static const bool kReady = ::sodium_init() >= 0;
  if (!kReady) throw internal_error("libsodium could not be initialised");
}

// Holds one of kAtOnce places while a hash is computed.
class Place {
 public:
  Place() {
    const BlockingSection blocking;
    std::unique_lock lock(mutex());
    freed().wait(lock, [] { return taken() < kAtOnce; });
    ++taken();
  }
  ~Place() {
    {
      const std::lock_guard lock(mutex());
      --taken();
    }
    freed().notify_one();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static std::condition_variable& freed() {
    static std::condition_variable one;
    return one;
  }
  static int& taken() {
    static int count = 0;
    return count;
  }
};

std::string random_bytes(size_t count) {
  ready();
  std::string out(count, '\0');
  ::randombytes_buf(out.data(), out.size());
  return out;
}

}  // namespace

std::string hash_password(std::string_view password) {
  ready();
  const Place place;
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (::crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::kResourceExhausted, "not enough memory to hash a password; try again later");
  }
  return out.data();
}

bool password_fits(const std::string& hash, std::string_view password) {
  ready();
  const Place place;
  return ::crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

void pretend_to_check(std::string_view password) {
  static const std::string kHash = hash_password(random_bytes(32));
  password_fits(kHash, password);
}

std::string random_password() {
  static constexpr std::string_view kCharacters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_+=.~!";
  static_assert(kCharacters.size() == 64);
  std::string out = random_bytes(20);
  for (char& c : out) c = kCharacters[static_cast<unsigned char>(c) % kCharacters.size()];
  return out;
}

std::string keyed_digest(std::string_view secret) {
  static const std::string kKey = random_bytes(crypto_generichash_KEYBYTES);
  std::string out(crypto_generichash_BYTES, '\0');
  const auto* const bytes = reinterpret_cast<const unsigned char*>(secret.data());
  const auto* const key = reinterpret_cast<const unsigned char*>(kKey.data());
  ::crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(), bytes, secret.size(), key,
                       kKey.size());
  return out;
}

void check_password(std::string_view password) {
  if (password.size() < kMinPassword) throw invalid_argument("Password must be at least 12 characters.");
  if (password.size() > kMaxPassword) throw invalid_argument("Password must be at most 1024 bytes.");
}

}  // namespace slipway::identity
