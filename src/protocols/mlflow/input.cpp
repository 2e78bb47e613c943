#include "protocols/mlflow/input.h"

#include <algorithm>

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::mlflow {

namespace {

// A batch of 1000 metrics with long names is far below this; dataset schemas and profiles may take some megabytes.
constexpr size_t kMaxBodyBytes = size_t{32} << 20U;
constexpr std::string_view kSeeDocs = " See the API docs for more information about request parameters.";

Error missing(std::string_view where) {
  return invalid_argument("Missing value for required parameter '", where, "'.", kSeeDocs);
}

Error invalid(const json::value& value, std::string_view where) {
  return invalid_argument("Invalid value ", json::write(value), " for parameter '", where, "' supplied.", kSeeDocs);
}

// Whether `key` is the lowerCamel form of the name.
bool is_camel_of(std::string_view key, std::string_view name) {
  size_t at = 0;
  bool raise = false;
  for (const char c : name) {
    if (c == '_') {
      raise = true;
      continue;
    }
    const char wanted = raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (at == key.size() || key[at++] != wanted) return false;
    raise = false;
  }
  return at == key.size();
}

json::object object_of_query(const http::Query& query) {
  json::object out;
  for (const auto& [name, value] : query) {
    json::value& slot = out[name];
    if (slot.is_null()) {
      slot = value;
    } else if (slot.is_array()) {
      slot.get_array().emplace_back(value);
    } else {
      json::value first = std::move(slot);
      slot = json::array{std::move(first), json::value(value)};
    }
  }
  return out;
}

void check_content_type(const http::Request& request) {
  const std::string_view whole = request.headers.find("Content-Type").value_or("");
  const std::string_view type = text::trim(whole.substr(0, whole.find(';')));
  if (text::equal_ignoring_case(type, "application/json")) return;
  throw invalid_argument("Bad Request. Content-Type must be 'application/json', got '", type, "'");
}

json::object object_of_body(const std::string& body, const json::storage_ptr& storage) {
  if (text::trim(body).empty()) return {};
  json::value document = json::parse_lenient(body, storage);
  // Old clients encode twice.
  if (document.is_string()) document = json::parse_lenient(std::string_view(document.get_string()), storage);
  if (document.is_null()) return {};
  if (!document.is_object()) throw invalid_argument("the body must be a JSON object");
  return std::move(document.get_object());
}

// Of an artifact's own address all is name: the stock client does not encode a question mark in it.
std::string whole_path(const http::Request& request, const std::string& path) {
  const size_t mark = request.target.find('?');
  if (mark == std::string::npos) return path;
  const auto rest = http::percent_decode(std::string_view(request.target).substr(mark + 1));
  if (!rest) throw invalid_argument("Invalid path: what follows its question mark is not percent-encoded");
  return text::concat(path, "?", *rest);
}

void add_parameters(const http::Request& request, json::object& fields) {
  for (const auto& [name, value] : request.parameters) {
    if (name == "whole_path") {
      fields.clear();
      fields["path"] = whole_path(request, value);
    } else {
      fields[name] = value;
    }
  }
}

}  // namespace

// Lies in memory of its own that is given back at once; a batch has thousands of small values.
struct Input::Document {
  boost::json::monotonic_resource memory;
  std::optional<json::object> fields;  // in `memory`, or in the heap when they came from elsewhere
};

Input::Input(std::shared_ptr<const Document> root, const json::object* fields, std::string place)
    : root_(std::move(root)), fields_(fields), place_(std::move(place)) {}

Input Input::of(http::Request& request) {
  auto root = std::make_shared<Document>();
  json::object fields(&root->memory);
  if (request.method == "GET" || request.method == "HEAD") {
    fields = request.query.empty() ? object_of_body(request.read_body(kMaxBodyBytes), &root->memory)
                                   : object_of_query(request.query);
  } else {
    const std::string body = request.read_body(kMaxBodyBytes);
    // A body is only taken as JSON when it says so: a web form of a foreign page cannot.
    const bool may_be_bare = request.method == "DELETE" && body.empty();
    if (!may_be_bare) check_content_type(request);
    fields =
        body.empty() && !request.query.empty() ? object_of_query(request.query) : object_of_body(body, &root->memory);
  }
  add_parameters(request, fields);
  return of(std::move(root), std::move(fields));
}

Input Input::of_address(const http::Request& request) {
  json::object fields = object_of_query(request.query);
  add_parameters(request, fields);
  return of(std::move(fields));
}

Input Input::of(json::object fields) { return of(std::make_shared<Document>(), std::move(fields)); }

Input Input::of(std::shared_ptr<Document> root, json::object fields) {
  root->fields.emplace(std::move(fields));
  const json::object* all = &*root->fields;
  return {std::move(root), all, ""};
}

std::string Input::where(std::string_view name) const {
  return place_.empty() ? std::string(name) : text::concat(place_, ".", name);
}

const json::value* Input::find(std::string_view name) const {
  const json::value* found = json::find(*fields_, name);
  if (name.find('_') == std::string_view::npos) return found;
  for (const auto& member : *fields_) {
    if (member.value().is_null() || !is_camel_of(member.key(), name)) continue;
    if (found != nullptr) {
      throw invalid_argument("Invalid value for parameter '", where(name), "' supplied: it is there under two names");
    }
    found = &member.value();
  }
  return found;
}

bool Input::has(std::string_view name) const { return find(name) != nullptr; }

std::optional<std::string> Input::find_text(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) throw invalid(*found, where(name));
  return std::string(found->get_string());
}

std::string Input::text(std::string_view name) const { return find_text(name).value_or(""); }

std::string Input::required_text(std::string_view name) const {
  std::string out = text(name);
  if (out.empty()) throw missing(where(name));
  return out;
}

std::optional<int64_t> Input::find_integer(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_int64()) return found->get_int64();
  try {
    return json::find_int({{"value", *found}}, "value");
  } catch (const Error&) {
    throw invalid(*found, where(name));
  }
}

int64_t Input::required_integer(std::string_view name) const {
  const auto found = find_integer(name);
  if (!found) throw missing(where(name));
  return *found;
}

int64_t Input::integer(std::string_view name, int64_t otherwise) const {
  return find_integer(name).value_or(otherwise);
}

double Input::required_number(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) throw missing(where(name));
  if (found->is_double()) return found->get_double();
  if (found->is_int64()) return static_cast<double>(found->get_int64());
  try {
    return *json::find_double({{"value", *found}}, "value");
  } catch (const Error&) {
    throw invalid(*found, where(name));
  }
}

bool Input::flag(std::string_view name, bool otherwise) const {
  const json::value* found = find(name);
  if (found == nullptr) return otherwise;
  if (found->is_bool()) return found->get_bool();
  if (found->is_string() && text::equal_ignoring_case(std::string_view(found->get_string()), "true")) return true;
  if (found->is_string() && text::equal_ignoring_case(std::string_view(found->get_string()), "false")) return false;
  throw invalid(*found, where(name));
}

std::optional<std::string> Input::find_json(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return std::nullopt;
  return traces::normal_json(json::write(*found));
}

std::optional<std::string> Input::find_enum(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) return std::string(found->get_string());
  if (found->is_int64()) return std::to_string(found->get_int64());
  throw invalid(*found, where(name));
}

std::vector<std::string> Input::texts(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return {};
  if (found->is_string()) return {std::string(found->get_string())};
  if (!found->is_array()) throw invalid(*found, where(name));
  std::vector<std::string> out;
  for (const json::value& item : found->get_array()) {
    if (!item.is_string()) throw invalid(*found, where(name));
    out.emplace_back(item.get_string());
  }
  return out;
}

std::vector<Input> Input::list(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return {};
  if (!found->is_array()) throw invalid(*found, where(name));
  const json::array& items = found->get_array();
  std::vector<Input> out;
  out.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_object()) throw invalid(*found, where(name));
    out.push_back({root_, &items[i].get_object(), text::concat(where(name), "[", i, "]")});
  }
  return out;
}

std::optional<Input> Input::find_object(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_object()) throw invalid(*found, where(name));
  return Input(root_, &found->get_object(), where(name));
}

std::vector<Input> Input::objects(std::string_view name) const {
  const json::value* found = find(name);
  if (found != nullptr && found->is_object()) return {*find_object(name)};
  return list(name);
}

const json::object* Input::fields_of(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return nullptr;
  if (!found->is_object()) throw invalid(*found, where(name));
  return &found->get_object();
}

std::vector<tracking::Tag> Input::map(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return {};
  if (!found->is_object()) throw invalid(*found, where(name));
  std::vector<tracking::Tag> out;
  for (const auto& [key, value] : found->get_object()) {
    if (!value.is_string()) throw invalid(*found, where(name));
    out.push_back({std::string(key), std::string(value.get_string())});
  }
  return out;
}

std::vector<tracking::Tag> Input::secret_map(std::string_view name) const {
  const json::value* found = find(name);
  if (found == nullptr) return {};
  const auto refused = [&] { return invalid_argument("Parameter '", where(name), "' must be an object of texts."); };
  if (!found->is_object()) throw refused();
  std::vector<tracking::Tag> out;
  for (const auto& [key, value] : found->get_object()) {
    if (!value.is_string()) throw refused();
    out.push_back({std::string(key), std::string(value.get_string())});
  }
  return out;
}

std::string required_run_id(const Input& input) {
  const std::string id = input.text("run_id");
  if (!id.empty()) return id;
  const std::string old_name = input.text("run_uuid");
  return old_name.empty() ? input.required_text("run_id") : old_name;
}

}  // namespace slipway::mlflow
