#include "domains/data/params.h"

#include "domains/data/params_formats.h"
#include "domains/data/paths.h"
#include "domains/data/yaml.h"
#include "foundation/base/error.h"

namespace slipway::data {

Value parse_params(std::string_view text, const std::string& path) {
  const std::string name = text::lower(paths::name(path));
  if (name.ends_with(".json")) {
    Value out = parse_json(text, path);
    return out.is_null() ? Value::map() : out;
  }
  if (name.ends_with(".toml")) return parse_toml(text, path);
  if (name.ends_with(".py")) return parse_python_params(text, path);
  return parse_yaml(text, path);
}

Value read_params_file(const std::string& path, const FileSource& source) {
  return parse_params(source.read(path), path);
}

std::optional<Value> select_key(const Value& from, std::string_view key) {
  std::string dotted = text::replace_all(text::replace_all(key, "[", "."), "]", "");
  const Value* at = &from;
  for (const std::string& part : text::split(dotted, '.')) {
    const std::string name(text::trim(part));
    if (at->is_map()) {
      at = at->find(name);
    } else {
      const auto index = text::parse_int(name);
      const bool inside = at->is_list() && index && *index >= 0 && static_cast<size_t>(*index) < at->items().size();
      at = inside ? &at->items()[static_cast<size_t>(*index)] : nullptr;
    }
    if (at == nullptr) return std::nullopt;
  }
  return *at;
}

std::optional<Value> current_params(const ParamsDependency& params, const FileSource& source) {
  if (!source.exists(params.absolute)) return std::nullopt;
  if (source.is_folder(params.absolute)) {
    throw invalid_argument("'", params.path, "' is a directory, expected a parameters file");
  }
  const Value all = read_params_file(params.absolute, source);
  if (params.keys.empty()) return all;
  Value out = Value::map();
  for (const std::string& key : params.keys) {
    if (auto value = select_key(all, key)) out.set(key, std::move(*value));
  }
  return out;
}

Value params_changes(const ParamsDependency& params, const Value& current) {
  const Value recorded = params.recorded.value_or(Value::map());
  std::vector<std::string> keys = params.keys;
  if (keys.empty()) {
    for (const Member& member : current.members()) keys.push_back(member.key);
    for (const Member& member : recorded.members()) {
      if (current.find(member.key) == nullptr) keys.push_back(member.key);
    }
  }
  Value out = Value::map();
  for (const std::string& key : keys) {
    const Value* now = current.find(key);
    const Value* before = recorded.find(key);
    if (now == nullptr) {
      out.set(key, Value::string("deleted"));
    } else if (before == nullptr) {
      out.set(key, Value::string("new"));
    } else if (!(*now == *before)) {
      out.set(key, Value::string("modified"));
    }
  }
  return out;
}

}  // namespace slipway::data
