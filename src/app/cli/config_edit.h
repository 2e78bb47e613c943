// What `remote`, `config` and `cache` share: which of DVC's configuration files is meant, and changing it.
#pragma once

#include <string>

#include "app/cli/command.h"
#include "domains/data/config.h"

namespace slipway::cli {

struct LevelFlags {
  bool local = false;
  bool global = false;
  bool system = false;
  bool project = false;

  bool is_level_named() const { return local || global || system || project; }
  data::ConfigLevel level() const;
};
void declare_level_flags(CLI::App& parser, LevelFlags& flags);

// One configuration file, changed and written back.
class ConfigEdit {
 public:
  // `dvc_folder` is empty outside of a repository; throws invalid_argument for a level that only repositories have.
  ConfigEdit(std::string dvc_folder, data::ConfigLevel level);

  data::ConfigFile& file() { return file_; }
  // Folders are kept relative to the file when they were given so; `here` is where they start.
  void set(const std::string& section, const std::string& key, const std::string& value, const std::string& here);
  // With what the other files say it has to make sense; throws invalid_argument with DVC's words.
  void save() const;
  // Without looking whether it makes sense.
  void save_unchecked() const;

 private:
  const std::string dvc_folder_;
  const data::ConfigLevel level_;
  const std::string path_;
  data::ConfigFile file_;
};

}  // namespace slipway::cli
