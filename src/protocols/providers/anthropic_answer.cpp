#include "foundation/base/json.h"
#include "protocols/providers/anthropic.h"
#include "protocols/providers/refusal.h"

namespace slipway::providers {

namespace {

std::string text_in(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

const json::object* object_in(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

int64_t index_in(const json::object& from) {
  const json::value* found = json::find(from, "index");
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

const char* finish_reason(std::string_view stop_reason) {
  if (stop_reason == "max_tokens") return "length";
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";
}

std::map<std::string, int64_t> counts_of(const json::object& usage) {
  constexpr int64_t kMost = int64_t{1} << 50;
  std::map<std::string, int64_t> out;
  for (const auto& [key, value] : usage) {
    if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kMost)
      out[std::string(key)] = value.get_int64();
  }
  return out;
}

// Anthropic counts cached tokens apart, OpenAI among those of the prompt.
json::object usage_of(const std::map<std::string, int64_t>& counts) {
  const auto count = [&](const std::string& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? int64_t{0} : found->second;
  };
  const int64_t read = count("cache_read_input_tokens");
  const int64_t created = count("cache_creation_input_tokens");
  const int64_t prompt = count("input_tokens") + read + created;
  const int64_t completion = count("output_tokens");
  json::object out = {
      {"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
  if (read > 0) out["prompt_tokens_details"] = {{"cached_tokens", read}};
  if (created > 0) out["cache_creation_input_tokens"] = created;
  return out;
}

json::object tool_call(const json::object& block) {
  const json::value* input = json::find(block, "input");
  return {
      {"id", text_in(block, "id")},
      {"type", "function"},
      {"function", {{"name", text_in(block, "name")}, {"arguments", input == nullptr ? "{}" : json::write(*input)}}}};
}

json::object message_of(const json::array& blocks) {
  std::string said;
  json::array calls;
  for (const json::value& each : blocks) {
    if (!each.is_object()) continue;
    const std::string type = text_in(each.get_object(), "type");
    if (type == "text") said.append(text_in(each.get_object(), "text"));
    if (type == "tool_use") calls.push_back(tool_call(each.get_object()));
  }
  json::object out = {{"role", "assistant"}, {"content", said.empty() ? json::value() : json::value(said)}};
  if (!calls.empty()) out["tool_calls"] = std::move(calls);
  return out;
}

}  // namespace

json::object from_anthropic(const json::object& message, int64_t now_s) {
  const json::value* content = json::find(message, "content");
  if (content == nullptr || !content->is_array()) throw refusal(502, "the provider's answer is no message");
  const json::object* usage = object_in(message, "usage");
  json::object choice = {{"index", 0},
                         {"message", message_of(content->get_array())},
                         {"finish_reason", finish_reason(text_in(message, "stop_reason"))}};
  return {{"id", text_in(message, "id")},
          {"object", "chat.completion"},
          {"created", now_s},
          {"model", text_in(message, "model")},
          {"choices", json::array{std::move(choice)}},
          {"usage", usage_of(usage == nullptr ? std::map<std::string, int64_t>() : counts_of(*usage))}};
}

json::object AnthropicStream::chunk(json::object delta, const char* reason) const {
  json::object choice = {{"index", 0},
                         {"delta", std::move(delta)},
                         {"finish_reason", reason == nullptr ? json::value() : json::value(reason)}};
  return {{"id", id_},
          {"object", "chat.completion.chunk"},
          {"created", now_s_},
          {"model", model_},
          {"choices", json::array{std::move(choice)}}};
}

void AnthropicStream::keep_usage(const json::object& from) {
  const json::object* usage = object_in(from, "usage");
  if (usage == nullptr) return;
  for (const auto& [name, count] : counts_of(*usage)) usage_[name] = count;
}

std::optional<json::object> AnthropicStream::next(const json::object& event) {
  const std::string type = text_in(event, "type");
  if (type == "message_start") {
    const json::object* message = object_in(event, "message");
    if (message == nullptr) return std::nullopt;
    id_ = text_in(*message, "id");
    model_ = text_in(*message, "model");
    keep_usage(*message);
    return chunk({{"role", "assistant"}, {"content", ""}}, nullptr);
  }
  if (type == "content_block_start") return begin_block(event);
  if (type == "content_block_delta") return continue_block(event);
  if (type == "message_delta") return finish(event);
  if (type == "error") {
    const json::object* error = object_in(event, "error");
    throw refusal(502, error == nullptr ? "the provider reports an error" : text_in(*error, "message"));
  }
  return std::nullopt;
}

std::optional<json::object> AnthropicStream::begin_block(const json::object& event) {
  const json::object* block = object_in(event, "content_block");
  if (block == nullptr) return std::nullopt;
  if (text_in(*block, "type") == "text" && !text_in(*block, "text").empty())
    return chunk({{"content", text_in(*block, "text")}}, nullptr);
  if (text_in(*block, "type") != "tool_use") return std::nullopt;
  const auto tool = static_cast<int64_t>(tool_of_block_.size());
  tool_of_block_[index_in(event)] = tool;
  json::object call = {{"index", tool},
                       {"id", text_in(*block, "id")},
                       {"type", "function"},
                       {"function", {{"name", text_in(*block, "name")}, {"arguments", ""}}}};
  return chunk({{"tool_calls", json::array{std::move(call)}}}, nullptr);
}

std::optional<json::object> AnthropicStream::continue_block(const json::object& event) {
  const json::object* delta = object_in(event, "delta");
  if (delta == nullptr) return std::nullopt;
  const std::string type = text_in(*delta, "type");
  if (type == "text_delta") return chunk({{"content", text_in(*delta, "text")}}, nullptr);
  const auto tool = tool_of_block_.find(index_in(event));
  if (type != "input_json_delta" || tool == tool_of_block_.end()) return std::nullopt;
  json::object call = {{"index", tool->second}, {"function", {{"arguments", text_in(*delta, "partial_json")}}}};
  return chunk({{"tool_calls", json::array{std::move(call)}}}, nullptr);
}

json::object AnthropicStream::finish(const json::object& event) {
  keep_usage(event);
  const json::object* delta = object_in(event, "delta");
  json::object out = chunk({}, finish_reason(delta == nullptr ? "" : text_in(*delta, "stop_reason")));
  out["usage"] = usage_of(usage_);
  return out;
}

}  // namespace slipway::providers
