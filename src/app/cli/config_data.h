// `config` as dvc has it: the settings of tracked data, in DVC's four configuration files.
#pragma once

#include <functional>
#include <string>

#include "app/cli/config_edit.h"
#include "app/cli/data_command.h"

namespace slipway::cli {

struct DataConfigFlags : LevelFlags {
  DataFlags data;
  bool unset = false;
  bool list = false;
  bool show_origin = false;
  std::string name;
  std::string value;

  // Whether the command line speaks of DVC's settings at all.
  bool is_meant() const { return is_level_named() || unset || list || show_origin || !name.empty(); }
};
void declare_data_config(CLI::App& parser, DataConfigFlags& flags);
int run_data_config(const DataConfigFlags& flags);

// The .dvc folder around the current one; empty outside of a repository.
std::string dvc_folder_around();
// Runs what changes or shows configuration: its errors have an exit code of their own.
int run_config_work(const std::function<int()>& work);
// "option 'x' doesn't exist in section 'core'"; throws it.
[[noreturn]] void throw_no_setting(const data::ConfigFile& file, const std::string& section, const std::string& key);

}  // namespace slipway::cli
