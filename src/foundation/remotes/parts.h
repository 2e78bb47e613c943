// A content in parts that go at the same time. Used by the kinds of storage that put a large file together from parts.
#pragma once

#include <functional>
#include <string_view>

#include "foundation/remotes/content.h"

namespace slipway::remotes {

// From this size on a file goes in parts.
inline constexpr uint64_t kPartBytes = uint64_t{16} << 20U;

// How large the parts are so that there are at most so many: kPartBytes unless that makes too many.
uint64_t part_bytes_for(uint64_t size, uint64_t most_parts);

// Calls send(index, bytes) for each part, several at a time and in any order, then on_sent if there is one. After the
// first exception no new part begins, and it is thrown here.
void send_in_parts(Content& content, uint64_t part_bytes, const std::function<void(size_t, std::string_view)>& send,
                   const std::function<void(uint64_t)>& on_sent);

}  // namespace slipway::remotes
