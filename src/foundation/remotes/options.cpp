#include "foundation/remotes/options.h"

#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::remotes {

std::string Options::get(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

bool Options::flag(const std::string& name, bool otherwise) const {
  if (!has(name)) return otherwise;
  const auto value = text::parse_bool(get(name));
  if (!value) throw invalid_argument("config file error: '", name, "' must be true or false, not '", get(name), "'");
  return *value;
}

int64_t Options::number(const std::string& name, int64_t otherwise) const {
  if (!has(name)) return otherwise;
  const auto value = text::parse_int(get(name));
  if (!value) throw invalid_argument("config file error: '", name, "' must be a number, not '", get(name), "'");
  return *value;
}

int64_t Options::seconds_as_ms(const std::string& name, int64_t otherwise_ms) const {
  if (!has(name)) return otherwise_ms;
  const auto value = text::parse_double(get(name));
  if (!value || !(*value > 0) || *value > 1e9) {
    throw invalid_argument("config file error: '", name, "' must be a number of seconds, not '", get(name), "'");
  }
  return static_cast<int64_t>(*value * 1000);
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  return environment_variable("HOME").value_or("") + path.substr(1);
}

}  // namespace slipway::remotes
