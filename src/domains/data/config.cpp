#include "domains/data/config.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "domains/data/config_schema.h"
#include "domains/data/paths.h"
#include "domains/data/remote_options.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

constexpr std::string_view kRemotePrefix = "remote \"";
constexpr std::string_view kStandsOn = "remote://";

std::string_view unquote(std::string_view value) {
  const bool quoted =
      value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// A comment after an unquoted value is not part of it.
std::string_view without_comment(std::string_view value) {
  if (value.empty()) return value;
  if (value.front() == '"' || value.front() == '\'') {
    const size_t close = value.find(value.front(), 1);
    return close == std::string_view::npos ? value : value.substr(0, close + 1);
  }
  const size_t mark = value.find(" #");
  return text::trim(mark == std::string_view::npos ? value : value.substr(0, mark));
}

std::string quote(std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(",#\"'\n") == std::string_view::npos &&
                     value.front() != ' ' && value.back() != ' ';
  if (plain) return std::string(value);
  const char mark = value.find('"') == std::string_view::npos ? '"' : '\'';
  return text::concat(mark, value, mark);
}

std::string header_of(std::string_view section) {
  const bool quoted = section.find('"') != std::string_view::npos;
  return quoted ? text::concat("['", section, "']") : text::concat("[", section, "]");
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

ConfigFile ConfigFile::parse(std::string_view text, std::string_view name) {
  ConfigFile out;
  std::string section;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    Line line;
    line.raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::string_view content = text::trim(line.raw);
    if (content.starts_with('[')) {
      const size_t close = content.rfind(']');
      if (close == std::string_view::npos) throw invalid_argument("'", name, "' line ", number, ": ']' is missing");
      // Case means nothing to DVC in names of sections and keys.
      section = text::lower(unquote(text::trim(content.substr(1, close - 1))));
      line.is_header = true;
    } else if (!content.empty() && content[0] != '#' && content[0] != ';') {
      const size_t equals = content.find('=');
      if (equals == std::string_view::npos) {
        throw invalid_argument("'", name, "' line ", number, ": expected 'key = value'");
      }
      line.key = text::lower(unquote(text::trim(content.substr(0, equals))));
      line.value = unquote(without_comment(text::trim(content.substr(equals + 1))));
    }
    line.section = section;
    out.lines_.push_back(std::move(line));
  }
  return out;
}

std::optional<std::string> ConfigFile::get(std::string_view section, std::string_view key) const {
  for (const Line& line : lines_) {
    if (!line.key.empty() && line.section == section && line.key == key) return line.value;
  }
  return std::nullopt;
}

std::vector<std::string> ConfigFile::sections() const {
  std::vector<std::string> out;
  for (const Line& line : lines_) {
    if (line.is_header) out.push_back(line.section);
  }
  return out;
}

std::map<std::string, std::string> ConfigFile::values(std::string_view section) const {
  std::map<std::string, std::string> out;
  for (const Line& line : lines_) {
    if (!line.key.empty() && line.section == section) out[line.key] = line.value;
  }
  return out;
}

void ConfigFile::set(std::string_view section, std::string_view key, std::string_view value) {
  Line made;
  made.raw = text::concat("    ", key, " = ", quote(value));
  made.section = section;
  made.key = key;
  made.value = value;
  size_t after = lines_.size();
  bool has_section = false;
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].section != section) continue;
    if (lines_[i].key == key) {
      lines_[i] = std::move(made);
      return;
    }
    if (lines_[i].is_header || !lines_[i].key.empty()) after = i + 1;
    has_section = has_section || lines_[i].is_header;
  }
  if (!has_section) {
    Line header;
    header.raw = header_of(section);
    header.section = section;
    header.is_header = true;
    // DVC writes remotes behind everything else.
    const bool is_remote = section.starts_with(kRemotePrefix);
    const auto place = is_remote ? lines_.end() : std::find_if(lines_.begin(), lines_.end(), [](const Line& line) {
      return line.is_header && line.section.starts_with(kRemotePrefix);
    });
    after = static_cast<size_t>(place - lines_.begin()) + 1;
    lines_.insert(place, std::move(header));
  }
  lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(after), std::move(made));
}

bool ConfigFile::unset(std::string_view section, std::string_view key) {
  const size_t removed =
      std::erase_if(lines_, [&](const Line& line) { return line.section == section && line.key == key; });
  const bool has_keys = std::any_of(lines_.begin(), lines_.end(),
                                    [&](const Line& line) { return line.section == section && !line.key.empty(); });
  if (removed > 0 && !has_keys) remove_section(section);
  return removed > 0;
}

bool ConfigFile::remove_section(std::string_view section) {
  return std::erase_if(lines_, [&](const Line& line) { return line.section == section; }) > 0;
}

void ConfigFile::rename_section(std::string_view section, std::string_view to) {
  const auto values_then = lines_;
  remove_section(section);
  for (const Line& line : values_then) {
    if (line.section == section && !line.key.empty()) set(to, line.key, line.value);
  }
}

std::string ConfigFile::write() const {
  std::string out;
  for (const Line& line : lines_) out.append(line.raw).append("\n");
  return out;
}

std::string config_path(ConfigLevel level, const std::string& dvc_folder) {
  switch (level) {
    case ConfigLevel::kRepository:
      return dvc_folder + "/config";
    case ConfigLevel::kLocal:
      return dvc_folder + "/config.local";
    case ConfigLevel::kSystem: {
      const std::string folder = environment("DVC_SYSTEM_CONFIG_DIR");
      return (folder.empty() ? "/etc/xdg/dvc" : folder) + "/config";
    }
    case ConfigLevel::kGlobal:
      break;
  }
  if (const std::string folder = environment("DVC_GLOBAL_CONFIG_DIR"); !folder.empty()) return folder + "/config";
  const std::string base = environment("XDG_CONFIG_HOME");
  return (base.empty() ? environment("HOME") + "/.config" : base) + "/dvc/config";
}

Config Config::load(const std::string& dvc_folder) { return load(dvc_folder, disk()); }

Config Config::load(const std::string& dvc_folder, const FileSource& source, const std::string& also) {
  Config out;
  const auto add = [&](const std::string& path, const FileSource& from) {
    if (const auto text = from.find(path)) out.levels_.push_back({ConfigFile::parse(*text, path), paths::parent(path)});
  };
  add(config_path(ConfigLevel::kSystem, dvc_folder), disk());
  add(config_path(ConfigLevel::kGlobal, dvc_folder), disk());
  add(config_path(ConfigLevel::kRepository, dvc_folder), source);
  add(config_path(ConfigLevel::kLocal, dvc_folder), source);
  if (!also.empty()) {
    if (!files::exists(also)) throw not_found("the configuration file '", also, "' does not exist");
    add(also, disk());
  }
  out.check();
  return out;
}

Config Config::preview(const std::string& dvc_folder, ConfigLevel level, const ConfigFile& file) {
  Config out;
  for (const ConfigLevel one : kConfigLevels) {
    const bool is_inside = one == ConfigLevel::kRepository || one == ConfigLevel::kLocal;
    if (is_inside && dvc_folder.empty()) continue;
    const std::string path = config_path(one, dvc_folder);
    if (one == level) {
      out.levels_.push_back({file, paths::parent(path)});
    } else if (files::exists(path)) {
      out.levels_.push_back({ConfigFile::parse(files::read(path), path), paths::parent(path)});
    }
  }
  for (const RemoteSettings& remote : out.remotes()) {
    if (!remote.options.contains("url"))
      throw invalid_argument("expected 'url' for dictionary value @ data['remote']['", remote.name, "']");
  }
  out.check();
  return out;
}

void Config::check() const {
  for (const Level& level : levels_) {
    for (const std::string& section : level.file.sections()) {
      if (!section.starts_with(kRemotePrefix)) check_section(section, level.file.values(section));
    }
  }
  for (const RemoteSettings& remote : remotes()) check_remote(remote.name, remote.url, remote.options);
}

bool is_path_setting(std::string_view section, std::string_view key, std::string_view value) {
  if (section == "cache") return key == "dir";
  if (!section.starts_with(kRemotePrefix)) return false;
  if (key == "url") return is_local_url(value);
  static const std::set<std::string_view> kFiles = {"gdrive_user_credentials_file",
                                                    "gdrive_service_account_json_file_path",
                                                    "credentialpath",
                                                    "configpath",
                                                    "keyfile",
                                                    "cert_path",
                                                    "key_path"};
  return kFiles.contains(key);
}

std::optional<std::string> Config::get(std::string_view section, std::string_view key) const {
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    if (auto value = level->file.get(section, key)) return value;
  }
  return std::nullopt;
}

bool Config::get_bool(std::string_view section, std::string_view key, bool otherwise) const {
  const auto value = get(section, key);
  if (!value) return otherwise;
  const auto parsed = text::parse_bool(*value);
  if (!parsed) throw invalid_argument("config value ", section, ".", key, " must be true or false, not '", *value, "'");
  return *parsed;
}

std::optional<std::string> Config::folder(std::string_view section, std::string_view key) const {
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    if (const auto value = level->file.get(section, key)) return paths::join(level->folder, *value);
  }
  return std::nullopt;
}

std::vector<RemoteSettings> Config::remotes() const {
  std::vector<RemoteSettings> out;
  for (const Level& level : levels_) {
    for (const std::string& name : level.file.remotes()) {
      auto known = std::find_if(out.begin(), out.end(), [&](const RemoteSettings& one) { return one.name == name; });
      if (known == out.end()) known = out.insert(out.end(), RemoteSettings{name, "", {}});
      for (const auto& [key, value] : level.file.values(remote_section(name))) {
        known->options[key] = value;
        if (key == "url") known->url = is_local_url(value) ? paths::join(level.folder, value) : value;
      }
    }
  }
  return out;
}

std::optional<std::string> Config::default_remote() const {
  const auto name = get("core", "remote");
  return name ? std::optional(text::lower(*name)) : std::nullopt;
}

std::optional<RemoteSettings> Config::find_remote(std::string_view name) const {
  const std::vector<RemoteSettings> all = remotes();
  const auto find = [&](std::string_view wanted) {
    return std::find_if(all.begin(), all.end(),
                        [&](const RemoteSettings& one) { return text::equal_ignoring_case(one.name, wanted); });
  };
  auto at = find(name);
  if (at == all.end()) return std::nullopt;
  RemoteSettings out = *at;
  // What stands on another remote has its options too. More steps than remotes can only be a circle.
  for (size_t steps = 0; out.url.starts_with(kStandsOn); ++steps) {
    const std::string rest = out.url.substr(kStandsOn.size());
    const size_t slash = std::min(rest.find('/'), rest.size());
    at = find(rest.substr(0, slash));
    if (at == all.end() || steps > all.size()) {
      throw invalid_argument("remote '", rest.substr(0, slash), "', which '", name, "' stands on, doesn't exist");
    }
    out.url = at->url + (at->url.ends_with('/') && slash < rest.size() ? rest.substr(slash + 1) : rest.substr(slash));
    for (const auto& [key, value] : at->options) {
      if (key != "url") out.options.emplace(key, value);
    }
  }
  return out;
}

std::vector<std::string> ConfigFile::remotes() const {
  std::vector<std::string> out;
  for (const std::string& section : sections()) {
    if (!section.starts_with(kRemotePrefix) || !section.ends_with('"')) continue;
    out.push_back(section.substr(kRemotePrefix.size(), section.size() - kRemotePrefix.size() - 1));
  }
  return out;
}

std::string remote_section(std::string_view name) { return text::concat(kRemotePrefix, name, "\""); }

}  // namespace slipway::data
