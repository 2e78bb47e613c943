#include "foundation/base/secret_box.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway {
namespace {

bool is_refused(SecretBox& box, std::string_view sealed, std::string_view context) {
  try {
    box.open(sealed, context);
    return false;
  } catch (const Error& error) {
    return error.code() == ErrorCode::kDataLoss;
  }
}

TEST(SecretBox, OpensWhatItSealed) {
  SecretBox box("a passphrase", "");
  for (const std::string& secret : {std::string(), std::string("s"), std::string("a\0b", 3), std::string(5000, 'x')}) {
    const std::string sealed = box.seal(secret, "hook 1");
    EXPECT_EQ(box.open(sealed, "hook 1"), secret);
    EXPECT_TRUE(secret.size() < 3 || sealed.find(secret) == std::string::npos);
    EXPECT_NE(box.seal(secret, "hook 1"), sealed) << "no two look alike";
  }
  SecretBox same("a passphrase", "");
  EXPECT_EQ(same.open(box.seal("s", "c"), "c"), "s");
}

TEST(SecretBox, NoticesEveryChange) {
  SecretBox box("a passphrase", "");
  SecretBox other("another", "");
  const std::string sealed = box.seal("secret", "hook 1");
  EXPECT_TRUE(is_refused(box, sealed, "hook 2"));
  EXPECT_TRUE(is_refused(other, sealed, "hook 1"));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_TRUE(is_refused(box, changed, "hook 1")) << i;
    EXPECT_TRUE(is_refused(box, sealed.substr(0, i), "hook 1")) << i;
  }
}

TEST(SecretBox, KeepsItsKeyInAFileOfItsOwner) {
  const files::TemporaryFolder folder;
  const std::string path = folder.path() + "/data/secret.key";
  SecretBox box("", path);
  EXPECT_FALSE(files::exists(path)) << "nothing to keep yet";
  const std::string sealed = box.seal("secret", "c");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  SecretBox after_restart("", path);
  EXPECT_EQ(after_restart.open(sealed, "c"), "secret");
  SecretBox without_file("", folder.file("other.key"));
  EXPECT_TRUE(is_refused(without_file, sealed, "c"));
  EXPECT_FALSE(files::exists(folder.file("other.key"))) << "a lost key is not replaced by reading";
  files::write_atomic(path, "damaged");
  SecretBox damaged("", path);
  EXPECT_TRUE(is_refused(damaged, sealed, "c"));
}

}  // namespace
}  // namespace slipway
