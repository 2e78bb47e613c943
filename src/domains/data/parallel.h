// Runs one function over many items on all cores. Used for hashing, copying and checking files.
#pragma once

#include <cstddef>
#include <functional>

namespace slipway::data {

// Threads worth starting for work that is half disk, half processor.
size_t default_jobs();

// Calls work(i) for each i below count, on up to `jobs` threads; order is not kept. After the first exception no new
// item is started, and that exception is thrown here.
// A thread costs more than a few items of local work, so each gets `items_per_thread` of them; 1 for items that wait
// for others.
void parallel_for(size_t count, size_t jobs, const std::function<void(size_t)>& work, size_t items_per_thread = 4);

}  // namespace slipway::data
