// Settings by name: a flag beats the environment (SLIPWAY_LISTEN for `listen`) beats slipway.yaml beats the default.
// The file is looked for in the current folder and its parents, or named by SLIPWAY_CONFIG.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct SettingSpec {
  std::string_view name;      // "prediction-log", as in the flag and in slipway.yaml
  std::string_view fallback;  // the default; "" for none
  std::string_view help;
  bool secret = false;      // shown as *** and never logged
  std::string_view also{};  // another environment variable that is understood (MLFLOW_TRACKING_URI)
};

struct Setting {
  std::string value;
  std::string origin;  // "flag", "environment SLIPWAY_LISTEN", "/project/slipway.yaml", "default"
};

class Settings {
 public:
  // Reads the environment and the file. Throws invalid_argument naming file and line for bad YAML or a setting that is
  // not in `specs` (with the nearest known name).
  static Settings load(const std::vector<SettingSpec>& specs);

  // `flag` is what the command line gave, if anything.
  Setting get(std::string_view name, const std::optional<std::string>& flag = std::nullopt) const;
  const std::vector<SettingSpec>& specs() const { return specs_; }
  // The file that was read, "" if none.
  const std::string& file() const { return file_; }

 private:
  std::vector<SettingSpec> specs_;
  std::string file_;
  std::map<std::string, std::string, std::less<>> from_file_;
};

// The name in the environment: SLIPWAY_PREDICTION_LOG for prediction-log.
std::string environment_name(std::string_view setting);

// The one of `known` that a person most likely meant by `word`, "" when none is near (edit distance over a third).
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace slipway
