#include "foundation/blobs/background_hasher.h"

#include <gtest/gtest.h>

#include <iterator>

namespace slipway::blobs {
namespace {

TEST(BackgroundHasher, TakesTheBytesInTheirOrder) {
  std::string buffers[BackgroundHasher::kDepth + 1];
  std::string all;
  BackgroundHasher hasher;
  for (int i = 0; i < 200; ++i) {
    // Free again: the call before this one waited for it.
    std::string& buffer = buffers[i % std::size(buffers)];
    buffer.assign(static_cast<size_t>(i) * 37 + 1, static_cast<char>(i));
    all += buffer;
    hasher.start(buffer);
  }
  EXPECT_EQ(hasher.finish_hex("end"), hash_hex(HashKind::kSha256, all + "end"));
}

TEST(BackgroundHasher, NeedsNoThreadForFewBytes) {
  BackgroundHasher hasher;
  EXPECT_EQ(hasher.finish_hex("few"), hash_hex(HashKind::kSha256, "few"));
}

TEST(BackgroundHasher, MayBeGivenUp) {
  const std::string bytes(1 << 20, 'x');
  BackgroundHasher hasher;
  hasher.start(bytes);
}

}  // namespace
}  // namespace slipway::blobs
