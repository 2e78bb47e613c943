// DVC's configuration: four INI files, the inner ones win. Read by the repository; changed by `slipway remote`.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/file_source.h"

namespace slipway::data {

// One INI file as DVC writes it: sections of indented keys, comments kept when a value changes.
class ConfigFile {
 public:
  ConfigFile() = default;
  // Throws invalid_argument with the line; `name` is the file in messages.
  static ConfigFile parse(std::string_view text, std::string_view name);

  std::optional<std::string> get(std::string_view section, std::string_view key) const;
  std::vector<std::string> sections() const;
  // Names of the remotes that have a section here.
  std::vector<std::string> remotes() const;
  std::map<std::string, std::string> values(std::string_view section) const;
  void set(std::string_view section, std::string_view key, std::string_view value);
  // False when it was not there. A section that becomes empty goes too.
  bool unset(std::string_view section, std::string_view key);
  bool remove_section(std::string_view section);
  // Its values move to the end of the file, under the new name.
  void rename_section(std::string_view section, std::string_view to);
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
// From the outermost, which loses, to the innermost.
inline constexpr std::array kConfigLevels = {ConfigLevel::kSystem, ConfigLevel::kGlobal, ConfigLevel::kRepository,
                                             ConfigLevel::kLocal};

struct RemoteSettings {
  std::string name;
  std::string url;  // folders: absolute
  std::map<std::string, std::string> options;
};

class Config {
 public:
  // `dvc_folder` is the repository's .dvc.
  static Config load(const std::string& dvc_folder);
  // The repository's own files from `source`; `also` is one more file, which wins over all, or empty.
  static Config load(const std::string& dvc_folder, const FileSource& source, const std::string& also = "");

  // As it would be with `file` in the place of the level's own. `dvc_folder` is empty outside of a repository. Throws
  // invalid_argument with DVC's words about what makes no sense.
  static Config preview(const std::string& dvc_folder, ConfigLevel level, const ConfigFile& file);

  std::optional<std::string> get(std::string_view section, std::string_view key) const;
  bool get_bool(std::string_view section, std::string_view key, bool otherwise) const;
  // In the order of the files, innermost last.
  std::vector<RemoteSettings> remotes() const;
  // In any case of its name; with what it takes from the remote it stands on ("remote://other/folder").
  std::optional<RemoteSettings> find_remote(std::string_view name) const;
  std::optional<std::string> default_remote() const;
  // core.* and cache.* folders: relative ones are taken from the folder of the file that names them.
  std::optional<std::string> folder(std::string_view section, std::string_view key) const;

 private:
  struct Level {
    ConfigFile file;
    std::string folder;
  };
  void check() const;

  std::vector<Level> levels_;
};

// Whether the value is a path: kept relative to the configuration file, and read from there.
bool is_path_setting(std::string_view section, std::string_view key, std::string_view value);

std::string config_path(ConfigLevel level, const std::string& dvc_folder);
// "r" -> the section that holds the remote r.
std::string remote_section(std::string_view name);

}  // namespace slipway::data
