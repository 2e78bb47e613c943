#include "foundation/base/secret_box.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway {

namespace {

// What is sealed begins with this byte, so that the cipher can change one day.
constexpr char kForm = 1;
constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kMarkSize = 16;
constexpr size_t kHeadSize = 1 + kNonceSize;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int size_of(std::string_view text) { return static_cast<int>(text.size()); }

void must(int result) {
  if (result != 1) throw internal_error("the cipher failed");
}

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  must(RAND_bytes(bytes_of(out), static_cast<int>(count)));
  return out;
}

Error unreadable() {
  return data_loss(
      "a stored secret cannot be read: it was changed, or the key is another one than it was sealed with; set it anew");
}

// Another process may make it at the same time: the one whose link comes first wins, and both read that.
void make_key_file(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  files::create_folders(folder);
  const std::string staged = text::concat(path, ".", ::getpid(), ".tmp");
  ::unlink(staged.c_str());
  const files::Descriptor file(::open(staged.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) throw system_error(text::concat("create ", staged));
  files::write_all(file.get(), to_hex(random_bytes(kKeySize)) + "\n", staged);
  const bool is_synced = ::fsync(file.get()) == 0;
  const bool is_linked = is_synced && (::link(staged.c_str(), path.c_str()) == 0 || errno == EEXIST);
  if (!is_linked) {
    Error failure = system_error(text::concat("create ", path));
    ::unlink(staged.c_str());
    throw failure;
  }
  ::unlink(staged.c_str());
  files::sync_folder(folder);
}

std::string derive(std::string_view material) { return hmac_sha256("slipway secret box", material); }

}  // namespace

SecretBox::SecretBox(std::string_view passphrase, std::string key_file)
    : key_file_(std::move(key_file)), key_(passphrase.empty() ? "" : derive(passphrase)) {}

std::string SecretBox::key(Missing missing) {
  const std::lock_guard lock(mutex_);
  if (!key_.empty()) return key_;
  if (!files::exists(key_file_)) {
    if (missing == Missing::kFail) throw unreadable();
    make_key_file(key_file_);
  }
  const std::string content(text::trim(files::read(key_file_)));
  if (content.size() != 2 * kKeySize) {
    throw data_loss(key_file_, " is not a key of this program; put the right file back");
  }
  key_ = derive(content);
  return key_;
}

std::string SecretBox::seal(std::string_view secret, std::string_view context) {
  const std::string key_bytes = key(Missing::kMake);
  const std::string nonce = random_bytes(kNonceSize);
  std::string out = text::concat(kForm, nonce);
  out.resize(kHeadSize + secret.size() + kMarkSize);
  const Context cipher(EVP_CIPHER_CTX_new());
  int count = 0;
  must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_bytes), bytes_of(nonce)));
  must(EVP_EncryptUpdate(cipher.get(), nullptr, &count, bytes_of(context), size_of(context)));
  must(EVP_EncryptUpdate(cipher.get(), bytes_of(out) + kHeadSize, &count, bytes_of(secret), size_of(secret)));
  must(EVP_EncryptFinal_ex(cipher.get(), bytes_of(out) + kHeadSize + count, &count));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kMarkSize, bytes_of(out) + kHeadSize + secret.size()));
  return out;
}

std::string SecretBox::open(std::string_view sealed, std::string_view context) {
  if (sealed.size() < kHeadSize + kMarkSize || sealed.front() != kForm) throw unreadable();
  const std::string key_bytes = key(Missing::kFail);
  const std::string_view nonce = sealed.substr(1, kNonceSize);
  const std::string_view body = sealed.substr(kHeadSize, sealed.size() - kHeadSize - kMarkSize);
  std::string mark(sealed.substr(sealed.size() - kMarkSize));
  std::string out(body.size(), '\0');
  const Context cipher(EVP_CIPHER_CTX_new());
  int count = 0;
  must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_bytes), bytes_of(nonce)));
  must(EVP_DecryptUpdate(cipher.get(), nullptr, &count, bytes_of(context), size_of(context)));
  must(EVP_DecryptUpdate(cipher.get(), bytes_of(out), &count, bytes_of(body), size_of(body)));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kMarkSize, bytes_of(mark)));
  if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(out) + count, &count) != 1) throw unreadable();
  return out;
}

}  // namespace slipway
