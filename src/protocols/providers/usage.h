// How many tokens a call took, as providers report it. Used to record the usage of endpoints.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>

namespace slipway::providers {

// What was not reported is not set. Input counts what came from a cache or went into one.
struct Usage {
  std::optional<int64_t> input;
  std::optional<int64_t> output;
  std::optional<int64_t> total;
  std::optional<int64_t> cache_read;
  std::optional<int64_t> cache_creation;

  bool is_known() const { return input || output || total; }
};

// Adds what an answer or one event of a stream says in OpenAI's or Anthropic's words; later reports replace earlier
// ones. Whatever else it is, is passed over.
void read_usage(const boost::json::object& document, Usage& usage);

}  // namespace slipway::providers
