// DVC's configuration: four INI files, the inner ones win. Read by the repository; changed by `slipway remote`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::data {

// One INI file as DVC writes it: sections of indented keys, comments kept when a value changes.
class ConfigFile {
 public:
  ConfigFile() = default;
  // Throws invalid_argument with the line; `name` is the file in messages.
  static ConfigFile parse(std::string_view text, std::string_view name);

  std::optional<std::string> get(std::string_view section, std::string_view key) const;
  std::vector<std::string> sections() const;
  std::map<std::string, std::string> values(std::string_view section) const;
  void set(std::string_view section, std::string_view key, std::string_view value);
  // False when it was not there. A section that becomes empty goes too.
  bool unset(std::string_view section, std::string_view key);
  bool remove_section(std::string_view section);
  std::string write() const;

 private:
  struct Line {
    std::string raw;
    std::string section;  // the one it belongs to; a header belongs to its own
    std::string key;      // empty for headers, comments and blank lines
    std::string value;
    bool is_header = false;
  };
  std::vector<Line> lines_;
};

enum class ConfigLevel { kSystem, kGlobal, kRepository, kLocal };

struct RemoteSettings {
  std::string name;
  std::string url;  // folders: absolute
  std::map<std::string, std::string> options;
};

class Config {
 public:
  // `dvc_folder` is the repository's .dvc.
  static Config load(const std::string& dvc_folder);

  std::optional<std::string> get(std::string_view section, std::string_view key) const;
  bool get_bool(std::string_view section, std::string_view key, bool otherwise) const;
  // In the order of the files, innermost last.
  std::vector<RemoteSettings> remotes() const;
  std::optional<RemoteSettings> find_remote(std::string_view name) const;
  std::optional<std::string> default_remote() const { return get("core", "remote"); }
  // core.* and cache.* folders: relative ones are taken from the folder of the file that names them.
  std::optional<std::string> folder(std::string_view section, std::string_view key) const;

 private:
  struct Level {
    ConfigFile file;
    std::string folder;
  };
  std::vector<Level> levels_;
};

std::string config_path(ConfigLevel level, const std::string& dvc_folder);
// "r" -> the section that holds the remote r.
std::string remote_section(std::string_view name);
// Throws invalid_argument for an option that such a remote does not have.
void check_remote_option(std::string_view remote, std::string_view url, std::string_view option);
bool is_local_url(std::string_view url);

}  // namespace slipway::data
