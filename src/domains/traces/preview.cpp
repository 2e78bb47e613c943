#include "domains/traces/preview.h"

#include <vector>

#include "domains/tracking/limits.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::traces {

namespace {

constexpr size_t kMostCharacters = 1000;
// Looking for messages means parsing; a preview is not worth more than that.
constexpr size_t kMostParsedBytes = size_t{4} << 20U;

using Messages = std::vector<const json::object*>;

bool is_message(const json::value& item) {
  return item.is_object() && item.get_object().contains("role") && item.get_object().contains("content");
}

Messages messages_in(const json::value* list) {
  Messages out;
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& item : list->get_array()) {
    if (is_message(item)) out.push_back(&item.get_object());
  }
  return out;
}

// The shapes in which chat interfaces carry their messages.
Messages find_messages(const json::value& document, int depth = 0) {
  if (!document.is_object() || depth > 4) return {};
  const json::object& object = document.get_object();
  for (const std::string_view key : {"messages", "input", "output"}) {
    if (Messages found = messages_in(json::find(object, key)); !found.empty()) return found;
  }
  const json::value* choices = json::find(object, "choices");
  if (choices != nullptr && choices->is_array() && !choices->get_array().empty()) {
    const json::value& first = choices->get_array().front();
    const json::value* message = first.is_object() ? json::find(first.get_object(), "message") : nullptr;
    if (message != nullptr && is_message(*message)) return {&message->get_object()};
  }
  const json::value* request = json::find(object, "request");
  return request == nullptr ? Messages() : find_messages(*request, depth + 1);
}

std::string text_of(const json::object& message) {
  const json::value& content = message.at("content");
  if (content.is_string()) return std::string(content.get_string());
  if (!content.is_array()) return "";
  for (const json::value& part : content.get_array()) {
    if (part.is_string()) return std::string(part.get_string());
    if (!part.is_object()) continue;
    const json::value* type = json::find(part.get_object(), "type");
    const json::value* text = json::find(part.get_object(), "text");
    const bool is_text =
        type != nullptr && type->is_string() && (type->get_string() == "text" || type->get_string() == "output_text");
    if (is_text && text != nullptr && text->is_string()) return std::string(text->get_string());
  }
  return "";
}

std::string last_message(const std::string& json, std::string_view role) {
  if (json.empty() || json.front() != '{' || json.size() > kMostParsedBytes) return "";
  const json::value document = json::parse(json);
  const Messages messages = find_messages(document);
  if (messages.empty()) return "";
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    const json::value& of = (*message)->at("role");
    if (of.is_string() && std::string_view(of.get_string()) == role) return text_of(**message);
  }
  return text_of(*messages.back());
}

}  // namespace

std::string preview_of(const std::string& json, PreviewOf side) {
  std::string out = last_message(json, side == PreviewOf::kRequest ? "user" : "assistant");
  if (out.empty()) out = json;
  if (tracking::character_count(out) <= kMostCharacters) return out;
  return tracking::first_characters(out, kMostCharacters - 3) + "...";
}

}  // namespace slipway::traces
