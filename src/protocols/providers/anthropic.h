// A chat in OpenAI's words put into Anthropic's messages, and their answers back. Used by ProviderClient's callers.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace slipway::providers {

// The body of a request without its model. Throws Refusal (422) for what Anthropic has no words for.
boost::json::object to_anthropic(boost::json::object chat);
// Throws Refusal (502) for what is no message.
boost::json::object from_anthropic(const boost::json::object& message, int64_t now_s);

// The events of one stream, one after the other, as chunks of a chat.
class AnthropicStream {
 public:
  explicit AnthropicStream(int64_t now_s) : now_s_(now_s) {}

  // Nothing for an event that says nothing to the client. Throws Refusal (502) for an error that the provider reports.
  std::optional<boost::json::object> next(const boost::json::object& event);

 private:
  boost::json::object chunk(boost::json::object delta, const char* finish_reason) const;
  std::optional<boost::json::object> begin_block(const boost::json::object& event);
  std::optional<boost::json::object> continue_block(const boost::json::object& event);
  boost::json::object finish(const boost::json::object& event);
  void keep_usage(const boost::json::object& from);

  const int64_t now_s_;
  std::string id_;
  std::string model_;
  std::map<int64_t, int64_t> tool_of_block_;
  std::map<std::string, int64_t> usage_;
};

}  // namespace slipway::providers
