#include "adapters/mlflow_store/server_answers.h"

#include <limits>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::mlflow_store {

std::string text_of(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  if (found == nullptr) return "";
  return found->is_string() ? std::string(found->as_string()) : json::write(*found);
}

int64_t number_of(const json::object& from, std::string_view key) {
  return text::parse_int(text_of(from, key)).value_or(0);
}

std::optional<int64_t> find_number(const json::object& from, std::string_view key) {
  return text::parse_int(text_of(from, key));
}

double real_of(const json::object& from, std::string_view key) {
  return text::parse_double(text_of(from, key)).value_or(std::numeric_limits<double>::quiet_NaN());
}

void for_each(const json::object& from, std::string_view list, const std::function<void(const json::object&)>& work) {
  const json::value* found = json::find(from, list);
  if (found == nullptr || !found->is_array()) return;
  for (const json::value& item : found->as_array()) work(json::as_object(item, list));
}

const json::object& part(const json::object& from, std::string_view key) {
  static const json::object none;
  const json::value* found = json::find(from, key);
  return found != nullptr && found->is_object() ? found->as_object() : none;
}

std::vector<tracking::Tag> tags_of(const json::object& from, std::string_view list) {
  std::vector<tracking::Tag> out;
  for_each(from, list, [&](const json::object& pair) {
    out.push_back({text_of(pair, "key"), text_of(pair, "value")});
  });
  return out;
}

void pages(const std::function<std::string(const std::string&)>& next,
           const std::function<void(const json::object&)>& on_page) {
  std::string token;
  do {
    const json::value document = json::parse_lenient(next(token));
    const json::object& page = json::as_object(document, "the server's answer");
    std::string following = text_of(page, "next_page_token");
    on_page(page);
    if (following == token) return;  // a server that ignores tokens must not keep us forever
    token = std::move(following);
  } while (!token.empty());
}

}  // namespace slipway::mlflow_store
