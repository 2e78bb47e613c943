#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/providers/anthropic.h"
#include "protocols/providers/refusal.h"

namespace slipway::providers {

namespace {

// Anthropic demands a limit.
constexpr int64_t kUsualTokens = 8192;
constexpr int64_t kMostTokens = 1'000'000;
// Their temperatures end at 1, OpenAI's at 2.
constexpr double kTemperatureScale = 0.5;
constexpr std::string_view kJsonOnly =
    "Answer with one valid JSON object and nothing else: no explanation, no markdown, no code fence.";

Refusal unfit(std::string_view why) { return {422, std::string(why)}; }

std::string text_in(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

const json::object& object_in(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  if (found == nullptr || !found->is_object()) throw unfit(text::concat("'", key, "' must be an object."));
  return found->get_object();
}

std::optional<json::value> take(json::object& from, std::string_view key) {
  const auto found = from.find(key);
  if (found == from.end()) return std::nullopt;
  json::value value = std::move(found->value());
  from.erase(found);
  return value.is_null() ? std::nullopt : std::optional(std::move(value));
}

// An image as data in the address becomes a block of its own; one elsewhere is told of in words.
json::object image_of(const std::string& url) {
  constexpr std::string_view kData = "data:";
  constexpr std::string_view kMark = ";base64,";
  const size_t mark = url.find(kMark);
  if (url.starts_with(kData) && mark != std::string::npos) {
    return {{"type", "image"},
            {"source",
             {{"type", "base64"},
              {"media_type", url.substr(kData.size(), mark - kData.size())},
              {"data", url.substr(mark + kMark.size())}}}};
  }
  return {{"type", "image"}, {"source", {{"type", "url"}, {"url", url}}}};
}

json::value content_of(const json::value& content) {
  if (!content.is_array()) return content;
  json::array out;
  for (const json::value& part : content.get_array()) {
    const bool is_image = part.is_object() && text_in(part.get_object(), "type") == "image_url";
    out.push_back(is_image ? json::value(image_of(text_in(object_in(part.get_object(), "image_url"), "url"))) : part);
  }
  return out;
}

// What several text parts say together.
std::string plain_text(const json::value& content) {
  if (content.is_string()) return std::string(content.get_string());
  std::string out;
  if (!content.is_array()) return out;
  for (const json::value& part : content.get_array()) {
    if (part.is_object()) out.append(text_in(part.get_object(), "text"));
  }
  return out;
}

json::value arguments_of(const json::object& function) {
  const std::string arguments = text_in(function, "arguments");
  if (text::trim(arguments).empty()) return json::object();
  try {
    return json::parse(arguments);
  } catch (const Error&) {
    throw unfit("The arguments of a tool call must be JSON.");
  }
}

json::object assistant_message(const json::object& message) {
  const json::value* content = json::find(message, "content");
  const json::value* calls = json::find(message, "tool_calls");
  if (calls == nullptr || !calls->is_array())
    return {{"role", "assistant"}, {"content", content == nullptr ? json::value("") : *content}};
  json::array blocks;
  const std::string said = content == nullptr ? "" : plain_text(*content);
  if (!said.empty()) blocks.push_back({{"type", "text"}, {"text", said}});
  for (const json::value& call : calls->get_array()) {
    if (!call.is_object()) throw unfit("A tool call must be an object.");
    const json::object& function = object_in(call.get_object(), "function");
    blocks.push_back({{"type", "tool_use"},
                      {"id", text_in(call.get_object(), "id")},
                      {"name", text_in(function, "name")},
                      {"input", arguments_of(function)}});
  }
  return {{"role", "assistant"}, {"content", std::move(blocks)}};
}

json::object tool_result(const json::object& message) {
  const json::value* content = json::find(message, "content");
  json::object block = {{"type", "tool_result"},
                        {"tool_use_id", text_in(message, "tool_call_id")},
                        {"content", content == nullptr ? json::value("") : *content}};
  return {{"role", "user"}, {"content", json::array{std::move(block)}}};
}

// The system's messages become one instruction; tools answer as the user.
void put_messages(json::object& request, const json::value& messages) {
  if (!messages.is_array()) throw unfit("'messages' must be a list.");
  std::vector<std::string> instructions;
  json::array out;
  for (const json::value& each : messages.get_array()) {
    if (!each.is_object()) throw unfit("A message must be an object.");
    const json::object& message = each.get_object();
    const json::value* content = json::find(message, "content");
    const std::string role = text_in(message, "role");
    if (role == "system" || role == "developer") {
      instructions.push_back(content == nullptr ? "" : plain_text(*content));
    } else if (role == "user") {
      out.push_back({{"role", role}, {"content", content == nullptr ? json::value("") : content_of(*content)}});
    } else if (role == "assistant") {
      out.push_back(assistant_message(message));
    } else if (role == "tool") {
      out.push_back(tool_result(message));
    } else {
      throw unfit(text::concat("Anthropic has no messages of the role '", role, "'."));
    }
  }
  request["messages"] = std::move(out);
  if (!instructions.empty()) request["system"] = text::join(instructions, "\n");
}

void put_limit(json::object& request) {
  const auto completion = take(request, "max_completion_tokens");
  auto limit = take(request, "max_tokens");
  if (!limit) limit = completion ? *completion : json::value(kUsualTokens);
  if (!limit->is_int64() || limit->get_int64() < 1 || limit->get_int64() > kMostTokens)
    throw unfit(text::concat("Invalid value for max_tokens: it is a number from 1 to ", kMostTokens, "."));
  request["max_tokens"] = *limit;
}

void put_sampling(json::object& request) {
  const auto temperature = take(request, "temperature");
  if (temperature && request.contains("top_p")) throw unfit("Cannot set both 'temperature' and 'top_p' parameters.");
  if (temperature) {
    if (!temperature->is_number()) throw unfit("'temperature' must be a number.");
    request["temperature"] = kTemperatureScale * temperature->to_number<double>();
  }
  const auto count = take(request, "n");
  if (count && (!count->is_int64() || count->get_int64() != 1))
    throw unfit("'n' must be '1' for the Anthropic provider.");
  if (const auto stop = take(request, "stop"))
    request["stop_sequences"] = stop->is_string() ? json::array{*stop} : *stop;
}

void put_tools(json::object& request) {
  const auto tools = take(request, "tools");
  if (!tools) return;
  if (!tools->is_array()) throw unfit("'tools' must be a list.");
  json::array out;
  for (const json::value& tool : tools->get_array()) {
    if (!tool.is_object() || text_in(tool.get_object(), "type") != "function")
      throw unfit("Only tools that are functions can be passed on.");
    const json::object& function = object_in(tool.get_object(), "function");
    const json::value* parameters = json::find(function, "parameters");
    json::object put = {{"name", text_in(function, "name")}};
    if (function.contains("description")) put["description"] = text_in(function, "description");
    put["input_schema"] =
        parameters == nullptr ? json::value({{"type", "object"}, {"properties", json::object()}}) : *parameters;
    out.push_back(std::move(put));
  }
  request["tools"] = std::move(out);
}

void put_tool_choice(json::object& request) {
  const auto choice = take(request, "tool_choice");
  const auto parallel = take(request, "parallel_tool_calls");
  json::object out;
  if (choice && choice->is_string()) {
    const std::string_view word = choice->get_string();
    if (word != "none" && word != "auto" && word != "required") throw unfit("'tool_choice' is none, auto or required.");
    out["type"] = word == "required" ? "any" : word;
  } else if (choice && choice->is_object()) {
    out = {{"type", "tool"}, {"name", text_in(object_in(choice->get_object(), "function"), "name")}};
  }
  if (parallel && parallel->is_bool() && !parallel->get_bool() && request.contains("tools")) {
    if (out.empty()) out["type"] = "auto";
    out["disable_parallel_tool_use"] = true;
  }
  if (!out.empty()) request["tool_choice"] = std::move(out);
}

// Anthropic demands that every object of a schema is closed. False when one is open by nature and cannot be.
bool close_objects(json::value& schema) {
  if (schema.is_array()) {
    auto& items = schema.get_array();
    return std::all_of(items.begin(), items.end(), close_objects);
  }
  if (!schema.is_object()) return true;
  json::object& members = schema.get_object();
  const json::value* type = json::find(members, "type");
  if (type != nullptr && type->is_string() && type->get_string() == "object") {
    if (!members.contains("properties")) return false;
    members["additionalProperties"] = false;
  }
  return std::all_of(members.begin(), members.end(), [](auto& member) { return close_objects(member.value()); });
}

void put_format(json::object& request) {
  const auto format = take(request, "response_format");
  if (!format || !format->is_object()) return;
  const std::string type = text_in(format->get_object(), "type");
  if (type == "json_schema") {
    const json::value* schema = json::find(object_in(format->get_object(), "json_schema"), "schema");
    json::value closed = schema == nullptr ? json::value() : *schema;
    if (closed.is_object() && close_objects(closed))
      request["output_config"] = {{"format", {{"type", "json_schema"}, {"schema", std::move(closed)}}}};
  } else if (type == "json_object") {
    const std::string before = text_in(request, "system");
    request["system"] = text::concat(before, before.empty() ? "" : "\n", kJsonOnly);
  }
}

}  // namespace

json::object to_anthropic(json::object chat) {
  // What only OpenAI knows would be refused as a whole.
  for (const std::string_view unknown :
       {"stream_options", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias", "seed",
        "user", "store", "service_tier", "reasoning_effort"}) {
    chat.erase(unknown);
  }
  const auto messages = take(chat, "messages");
  if (!messages) throw unfit("'messages' is missing.");
  put_messages(chat, *messages);
  put_limit(chat);
  put_sampling(chat);
  put_tools(chat);
  put_tool_choice(chat);
  put_format(chat);
  return chat;
}

}  // namespace slipway::providers
