#include "foundation/tables/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace slipway::tables {
namespace {

TEST(ForEachParallel, DoesEachPieceOnce) {
  std::vector<std::atomic<int>> done(1000);
  for_each_parallel(done.size(), [&](size_t i) { ++done[i]; });
  for (const auto& count : done) EXPECT_EQ(count.load(), 1);
  for_each_parallel(0, [](size_t) { FAIL() << "there is nothing to do"; });
}

TEST(ForEachParallel, ThrowsWhatAPieceThrew) {
  EXPECT_THROW(for_each_parallel(100,
                                 [](size_t i) {
                                   if (i == 37) throw std::runtime_error("piece 37");
                                 }),
               std::runtime_error);
}

}  // namespace
}  // namespace slipway::tables
