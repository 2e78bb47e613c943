// The options of one remote with their types. Used by each kind of storage when it is opened.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::remotes {

class Options {
 public:
  explicit Options(const std::map<std::string, std::string>& values) : values_(values) {}

  // "" when it is not set.
  std::string get(const std::string& name) const;
  bool has(const std::string& name) const { return values_.contains(name); }
  // Throw invalid_argument naming the option.
  bool flag(const std::string& name, bool otherwise) const;
  int64_t number(const std::string& name, int64_t otherwise) const;
  int64_t seconds_as_ms(const std::string& name, int64_t otherwise_ms) const;

 private:
  const std::map<std::string, std::string>& values_;
};

// A variable of the process, or nothing.
std::optional<std::string> environment_variable(const std::string& name);
// "~/x" and "~" of the user who runs this; other paths as they are.
std::string expand_home(const std::string& path);

}  // namespace slipway::remotes
