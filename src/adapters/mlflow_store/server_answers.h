// The parts of an MLflow server's answers, which may be absent or of another type than its documents say. Used by
// HttpSource.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/tracking/experiment.h"
#include "foundation/base/json.h"

namespace slipway::mlflow_store {

// "" for what is absent; the JSON of what is no text.
std::string text_of(const json::object& from, std::string_view key);
// 0 and NaN for what is no number.
int64_t number_of(const json::object& from, std::string_view key);
std::optional<int64_t> find_number(const json::object& from, std::string_view key);
double real_of(const json::object& from, std::string_view key);
// The objects of a list that may be absent.
void for_each(const json::object& from, std::string_view list, const std::function<void(const json::object&)>& work);
// An empty one for what is absent.
const json::object& part(const json::object& from, std::string_view key);
std::vector<tracking::Tag> tags_of(const json::object& from, std::string_view list = "tags");
// Page after page until there is no token; `next` gives the answer for a token.
void pages(const std::function<std::string(const std::string&)>& next,
           const std::function<void(const json::object&)>& on_page);

}  // namespace slipway::mlflow_store
