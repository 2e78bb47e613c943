// Puts changed parameters into their files.
#include "domains/data/params.h"
#include "domains/data/params_formats.h"
#include "domains/data/yaml_edit.h"
#include "domains/experiments/overrides.h"
#include "foundation/base/error.h"

namespace slipway::experiments {

namespace {

data::KeyPath path_of(std::string_view key) {
  data::KeyPath out;
  for (const std::string& part : text::split(text::replace_all(text::replace_all(key, "[", "."), "]", ""), '.')) {
    if (!part.empty()) out.push_back(part);
  }
  return out;
}

bool has_extension(const std::string& path, std::string_view extension) {
  return text::lower(path).ends_with(extension);
}

// Files in which a value is replaced where it stands.
std::optional<std::string> replace_in_place(std::string_view text, const std::string& path, const Override& change) {
  data::ValueSpans spans;
  const bool toml = has_extension(path, ".toml");
  toml ? data::parse_toml(text, path, &spans) : data::parse_python_params(text, path, &spans);
  const auto found = spans.find(change.key);
  if (found == spans.end()) return std::nullopt;
  const data::Value& value = change.values.front();
  if (toml && value.is_null()) throw invalid_argument(path, ": TOML has no null, which '", change.key, "' would be");
  const std::string written = toml ? data::python_json(value, data::KeyOrder::kAsIs) : data::python_literal(value);
  const std::string out = text::concat(text.substr(0, found->second.begin), written, text.substr(found->second.end));
  const data::Value after = data::parse_params(out, path);  // what was written must mean what was asked for
  const auto now = data::select_key(after, change.key);
  if (!now || !(*now == value)) {
    throw invalid_argument(path, ": '", change.key, "' cannot be changed to ", written, " in place");
  }
  return out;
}

// What the file means afterwards; `was` is whether the key was there.
void check_presence(const std::string& path, const Override& change, bool was) {
  if (change.kind == Override::Kind::kAdd && was) {
    throw invalid_argument(path, " has '", change.key, "' already: without the + it is changed");
  }
  const bool must_be = change.kind == Override::Kind::kChange || change.kind == Override::Kind::kDelete;
  if (must_be && !was) {
    throw invalid_argument(path, " has no parameter '", change.key, "'",
                           change.kind == Override::Kind::kChange ? ": add it with +" : "",
                           change.kind == Override::Kind::kChange ? change.key + "=..." : "");
  }
}

std::string apply_one(std::string_view text, const std::string& path, const Override& change) {
  data::Value content = data::parse_params(text, path);
  const auto before = data::select_key(content, change.key);
  check_presence(path, change, before.has_value());
  const bool erase = change.kind == Override::Kind::kDelete;
  const bool in_place = has_extension(path, ".toml") || has_extension(path, ".py");
  if (!in_place && !has_extension(path, ".json")) {
    if (erase) return data::erase_in_yaml(text, path, path_of(change.key));
    if (before && *before == change.values.front() && before->kind() == change.values.front().kind()) {
      return std::string(text);
    }
    return data::set_in_yaml(text, path, path_of(change.key), change.values.front());
  }
  if (in_place) {
    auto replaced = erase ? std::nullopt : replace_in_place(text, path, change);
    if (replaced) return *replaced;
    throw invalid_argument(path, ": '", change.key, "' can be changed there, but nothing added or taken out");
  }
  erase ? static_cast<void>(data::erase_at(content, path_of(change.key)))
        : data::set_at(content, path_of(change.key), change.values.front());
  return data::python_json(content, data::KeyOrder::kAsIs);
}

}  // namespace

std::string apply(std::string_view text, const std::string& path, const std::vector<Override>& overrides) {
  std::string out(text);
  for (const Override& change : overrides) {
    if (change.is_sweep()) throw invalid_argument("'", change.key, "' has several values, which only the queue takes");
    out = apply_one(out, path, change);
  }
  return out;
}

}  // namespace slipway::experiments
