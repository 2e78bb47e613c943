#include "domains/data/config_schema.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::data {

namespace {

using Type = Setting::Type;

// Sections whose keys DVC does not check, or that belong to a name (databases, machines).
bool is_free(const std::string& section) {
  return section == "feature" || section.starts_with("db \"") || section.starts_with("machine \"");
}

const std::map<std::string, SettingSchema, std::less<>>& schemas() {
  static const Setting text{};
  static const Setting flag{Type::kBool};
  static const Setting count{Type::kCount};
  static const std::map<std::string, SettingSchema, std::less<>> all = {
      {"core",
       {{"remote", text},
        {"checksum_jobs", count},
        {"interactive", flag},
        {"analytics", flag},
        {"hardlink_lock", flag},
        {"no_scm", flag},
        {"autostage", flag},
        {"experiments", flag},
        {"check_update", flag},
        {"site_cache_dir", text},
        {"machine", text}}},
      {"cache",
       {{"local", text},
        {"s3", text},
        {"gs", text},
        {"hdfs", text},
        {"webhdfs", text},
        {"ssh", text},
        {"azure", text},
        {"dir", text},
        {"type", {Type::kLinks}},
        {"protected", flag},
        {"shared", {Type::kWords, {"group"}}},
        {"slow_link_warning", flag},
        {"verify", flag}}},
      {"state", {{"dir", text}, {"row_limit", count}, {"row_cleanup_quota", {Type::kInt}}}},
      {"index", {{"dir", text}}},
      {"plots", {{"html_template", text}, {"auto_open", flag}, {"out_dir", text}}},
      {"exp",
       {{"code", text},
        {"data", text},
        {"models", text},
        {"metrics", text},
        {"params", text},
        {"plots", text},
        {"live", text},
        {"auto_push", flag},
        {"git_remote", text}}},
      {"parsing",
       {{"bool", {Type::kWords, {"store_true", "boolean_optional"}}}, {"list", {Type::kWords, {"nargs", "append"}}}}},
      {"hydra",
       {{"enabled", flag},
        {"config_dir", text},
        {"config_module", text},
        {"config_name", text},
        {"plugins_path", text}}},
      {"studio", {{"token", text}, {"url", text}, {"repo_url", text}, {"offline", flag}}}};
  return all;
}

}  // namespace

// What is wrong with the value; empty: nothing.
std::string fault_of(const Setting& setting, const std::string& value) {
  const std::string word = text::lower(value);
  switch (setting.type) {
    case Setting::Type::kText:
      return "";
    case Setting::Type::kBool:
      return word == "true" || word == "false" ? "" : "expected true or false";
    case Setting::Type::kInt:
      return text::parse_int(value) ? "" : "expected int";
    case Setting::Type::kCount: {
      const auto number = text::parse_int(value);
      if (!number) return "expected int";
      return *number < 1 ? "value must be at least 1" : "";
    }
    case Setting::Type::kSeconds: {
      const auto number = text::parse_double(value);
      if (!number) return "expected float";
      return *number < 0 ? "value must be at least 0" : "";
    }
    case Setting::Type::kLinks: {
      std::vector<std::string> unknown;
      for (const std::string& one : text::split(value, ',')) {
        const std::string kind(text::trim(one));
        if (kind != "reflink" && kind != "copy" && kind != "hardlink" && kind != "symlink") unknown.push_back(kind);
      }
      return unknown.empty() ? "" : "Unsupported cache type(s): " + text::join(unknown, ", ");
    }
    case Setting::Type::kWords:
      if (std::find(setting.words.begin(), setting.words.end(), word) != setting.words.end()) return "";
      return "expected one of " + text::join(setting.words, ", ");
  }
  return "";
}

void check_section(const std::string& section, const std::map<std::string, std::string>& values) {
  if (is_free(section)) return;
  const auto schema = schemas().find(section);
  if (schema == schemas().end()) throw invalid_argument("extra keys not allowed @ data['", section, "']");
  for (const auto& [name, value] : values) {
    const std::string place = text::concat("data['", section, "']['", name, "']");
    const auto known = schema->second.find(name);
    if (known == schema->second.end()) throw invalid_argument("extra keys not allowed @ ", place);
    const std::string fault = fault_of(known->second, value);
    if (!fault.empty()) throw invalid_argument(fault, " for dictionary value @ ", place);
  }
}

}  // namespace slipway::data
