#include "domains/data/config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

constexpr std::string_view kRemotePrefix = "remote \"";

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

const std::set<std::string, std::less<>>& options_of(std::string_view url) {
  static const std::set<std::string, std::less<>> common = {
      "url", "jobs", "verify", "version_aware", "worktree", "object_store", "type", "shared", "slow_link_warning"};
  static const std::set<std::string, std::less<>> s3 = [] {
    std::set<std::string, std::less<>> out = common;
    for (const char* name : {"region",
                             "profile",
                             "credentialpath",
                             "configpath",
                             "endpointurl",
                             "access_key_id",
                             "secret_access_key",
                             "session_token",
                             "listobjects",
                             "use_ssl",
                             "ssl_verify",
                             "sse",
                             "sse_kms_key_id",
                             "sse_customer_algorithm",
                             "sse_customer_key",
                             "allow_anonymous_login",
                             "acl",
                             "grant_full_control",
                             "grant_read",
                             "grant_read_acp",
                             "grant_write_acp",
                             "cache_regions",
                             "read_timeout",
                             "connect_timeout"}) {
      out.insert(name);
    }
    return out;
  }();
  return url.starts_with("s3://") ? s3 : common;
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
      section = unquote(text::trim(content.substr(1, close - 1)));
      line.is_header = true;
    } else if (!content.empty() && content[0] != '#' && content[0] != ';') {
      const size_t equals = content.find('=');
      if (equals == std::string_view::npos) {
        throw invalid_argument("'", name, "' line ", number, ": expected 'key = value'");
      }
      line.key = unquote(text::trim(content.substr(0, equals)));
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
    lines_.push_back(std::move(header));
    after = lines_.size();
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

Config Config::load(const std::string& dvc_folder) {
  Config out;
  for (const ConfigLevel level :
       {ConfigLevel::kSystem, ConfigLevel::kGlobal, ConfigLevel::kRepository, ConfigLevel::kLocal}) {
    const std::string path = config_path(level, dvc_folder);
    if (!files::exists(path)) continue;
    out.levels_.push_back({ConfigFile::parse(files::read(path), path), paths::parent(path)});
  }
  return out;
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
    for (const std::string& section : level.file.sections()) {
      if (!section.starts_with(kRemotePrefix) || !section.ends_with('"')) continue;
      const std::string name = section.substr(kRemotePrefix.size(), section.size() - kRemotePrefix.size() - 1);
      auto known = std::find_if(out.begin(), out.end(), [&](const RemoteSettings& one) { return one.name == name; });
      if (known == out.end()) known = out.insert(out.end(), RemoteSettings{name, "", {}});
      for (const auto& [key, value] : level.file.values(section)) {
        known->options[key] = value;
        if (key == "url") known->url = is_local_url(value) ? paths::join(level.folder, value) : value;
      }
    }
  }
  return out;
}

std::optional<RemoteSettings> Config::find_remote(std::string_view name) const {
  for (RemoteSettings& remote : remotes()) {
    if (remote.name == name) return std::move(remote);
  }
  return std::nullopt;
}

std::string remote_section(std::string_view name) { return text::concat(kRemotePrefix, name, "\""); }

bool is_local_url(std::string_view url) { return url.find("://") == std::string_view::npos; }

void check_remote_option(std::string_view remote, std::string_view url, std::string_view option) {
  const bool checked = is_local_url(url) || url.starts_with("s3://");
  if (!checked || options_of(url).contains(option)) return;
  throw invalid_argument("config file error: extra keys not allowed @ data['remote']['", remote, "']['", option, "']");
}

}  // namespace slipway::data
