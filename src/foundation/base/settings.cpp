#include "foundation/base/settings.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway {

namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::string find_file() {
  if (const auto named = environment("SLIPWAY_CONFIG")) {
    if (!files::exists(*named)) throw not_found("SLIPWAY_CONFIG names ", *named, ", which does not exist");
    return *named;
  }
  std::error_code error;
  for (auto folder = std::filesystem::current_path(error); !error; folder = folder.parent_path()) {
    std::string candidate = (folder / "slipway.yaml").string();
    if (files::exists(candidate)) return candidate;
    if (folder == folder.parent_path()) break;
  }
  return "";
}

std::map<std::string, std::string, std::less<>> read_file(const std::string& file,
                                                          const std::vector<SettingSpec>& specs) {
  std::map<std::string, std::string, std::less<>> out;
  std::vector<std::string> known;
  for (const SettingSpec& spec : specs) known.emplace_back(spec.name);
  try {
    const YAML::Node document = YAML::Load(files::read(file));
    if (document.IsNull()) return out;
    if (!document.IsMap()) throw invalid_argument(file, ": settings are lines of `name: value`");
    for (const auto& entry : document) {
      const auto name = entry.first.as<std::string>();
      const int line = entry.first.Mark().line + 1;
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string near = nearest_word(name, known);
        throw invalid_argument(file, ":", line, ": there is no setting '", name, "'",
                               near.empty() ? "; `slipway config` lists them" : "; did you mean '" + near + "'?");
      }
      if (!entry.second.IsScalar()) throw invalid_argument(file, ":", line, ": '", name, "' needs one value");
      out[name] = entry.second.as<std::string>();
    }
  } catch (const YAML::Exception& error) {
    throw invalid_argument(file, ":", error.mark.line + 1, ": ", error.msg);
  }
  return out;
}

}  // namespace

std::string environment_name(std::string_view setting) {
  return "SLIPWAY_" + text::upper(text::replace_all(setting, "-", "_"));
}

Settings Settings::load(const std::vector<SettingSpec>& specs) {
  Settings out;
  out.specs_ = specs;
  out.file_ = find_file();
  if (!out.file_.empty()) out.from_file_ = read_file(out.file_, specs);
  return out;
}

Setting Settings::get(std::string_view name, const std::optional<std::string>& flag) const {
  const auto spec =
      std::find_if(specs_.begin(), specs_.end(), [&](const SettingSpec& one) { return one.name == name; });
  if (spec == specs_.end()) throw internal_error("no setting is called '", name, "'");
  if (flag) return {*flag, "flag"};
  const std::string variable = environment_name(name);
  if (const auto value = environment(variable)) return {*value, "environment " + variable};
  if (!spec->also.empty()) {
    if (const auto value = environment(std::string(spec->also)))
      return {*value, text::concat("environment ", spec->also)};
  }
  const auto found = from_file_.find(name);
  if (found != from_file_.end()) return {found->second, file_};
  return {std::string(spec->fallback), "default"};
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = word.size() / 3 + 1;
  for (const std::string& candidate : known) {
    std::vector<size_t> row(candidate.size() + 1);
    for (size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j < row.size(); ++j) {
        const size_t replaced = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
      }
    }
    if (row.back() <= best_distance && (best.empty() || row.back() < best_distance)) {
      best = candidate;
      best_distance = row.back();
    }
  }
  return best;
}

}  // namespace slipway
