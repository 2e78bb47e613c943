// Work on columns with all cores. Used by readers, writers and profiles.
#pragma once

#include <cstddef>
#include <functional>

#include "foundation/base/progress.h"

namespace slipway::tables {

// Calls work(0) ... work(count - 1), each once, from as many threads as there are cores (the caller's among them), and
// returns when all are done. The first exception is thrown again here; pieces not begun by then are left out.
// Each piece done is one step of `progress`.
void for_each_parallel(size_t count, const std::function<void(size_t)>& work, Progress* progress = nullptr);

}  // namespace slipway::tables
