#include "app/cli/config_data.h"

#include <algorithm>
#include <iostream>

#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

// "remote.storage.url" is the key url of a section of its own.
struct SettingName {
  std::string section;
  std::string key;
};

SettingName parse_name(const std::string& name) {
  const std::vector<std::string> parts = text::split(text::lower(name), '.');
  const bool is_named = parts.size() == 3 && (parts[0] == "remote" || parts[0] == "db");
  if (is_named) return {text::concat(parts[0], " \"", parts[1], "\""), parts[2]};
  if (parts.size() != 2) {
    throw invalid_argument("argument name: name argument should look like remote.name.option or section.option");
  }
  return {parts[0], parts[1]};
}

// The section as people write it: "remote.storage".
std::string dotted(const std::string& section) {
  return text::replace_all(text::replace_all(section, " \"", "."), "\"", "");
}

std::string described(const std::string& section) {
  const size_t quote = section.find('"');
  if (quote == std::string::npos) return text::concat("section '", section, "'");
  return text::concat(section.substr(0, quote - 1), " '", section.substr(quote + 1, section.size() - quote - 2), "'");
}

struct OneLevel {
  std::string path;
  std::string origin;  // with a tab behind; empty unless asked for
  data::ConfigFile file;

  std::string shown(const std::string& section, const std::string& key, const std::string& value) const {
    return data::is_path_setting(section, key, value) ? data::paths::join(data::paths::parent(path), value) : value;
  }
};

// The levels that are meant, outermost first; only those whose file exists.
std::vector<OneLevel> read_levels(const DataConfigFlags& flags, const std::string& dvc_folder) {
  std::vector<OneLevel> out;
  for (const data::ConfigLevel level : data::kConfigLevels) {
    if (flags.is_level_named() && level != flags.level()) continue;
    const bool is_inside = level == data::ConfigLevel::kRepository || level == data::ConfigLevel::kLocal;
    if (is_inside && dvc_folder.empty()) {
      if (flags.is_level_named()) throw invalid_argument("config file error: Not inside a DVC repo");
      continue;
    }
    OneLevel one;
    one.path = data::config_path(level, dvc_folder);
    if (files::exists(one.path)) one.file = data::ConfigFile::parse(files::read(one.path), one.path);
    if (flags.show_origin) {
      one.origin = (is_inside ? data::paths::relative(one.path, data::paths::parent(dvc_folder)) : one.path) + "\t";
    }
    out.push_back(std::move(one));
  }
  return out;
}

int list_settings(const DataConfigFlags& flags, const std::string& dvc_folder) {
  for (const OneLevel& level : read_levels(flags, dvc_folder)) {
    for (const std::string& section : level.file.sections()) {
      for (const auto& [key, value] : level.file.values(section)) {
        std::cout << level.origin << dotted(section) << '.' << key << '=' << level.shown(section, key, value) << '\n';
      }
    }
  }
  return kExitOk;
}

int show_setting(const DataConfigFlags& flags, const std::string& dvc_folder, const SettingName& name) {
  std::vector<OneLevel> levels = read_levels(flags, dvc_folder);
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (const auto value = level->file.get(name.section, name.key)) {
      std::cout << level->origin << level->shown(name.section, name.key, *value) << '\n';
      return kExitOk;
    }
  }
  if (flags.is_level_named()) throw_no_setting(levels.front().file, name.section, name.key);
  return kExitOk;
}

int change_setting(const DataConfigFlags& flags, const std::string& dvc_folder, const SettingName& name) {
  ConfigEdit edit(dvc_folder, flags.level());
  if (!flags.unset) {
    edit.set(name.section, name.key, flags.value, data::paths::current_folder());
  } else if (!edit.file().unset(name.section, name.key)) {
    throw_no_setting(edit.file(), name.section, name.key);
  }
  edit.save();
  if (flags.name == "cache.type" && !flags.data.quiet) {
    print_warning(
        "You have changed the 'cache.type' option. Files that are in the workspace already stay as they are; "
        "`slipway checkout --relink` makes them anew.");
  }
  return kExitOk;
}

int refuse(const std::string& message) {
  print_error(message);
  return kDataFailed;
}

}  // namespace

std::string dvc_folder_around() {
  const auto root = data::Repository::discover(data::paths::current_folder());
  return root ? *root + "/.dvc" : "";
}

int run_config_work(const std::function<int()>& work) {
  return run_anywhere({kDataConfig, "configuration error", false}, work);
}

void throw_no_setting(const data::ConfigFile& file, const std::string& section, const std::string& key) {
  const std::vector<std::string> sections = file.sections();
  if (std::find(sections.begin(), sections.end(), section) == sections.end())
    throw invalid_argument("config file error: ", described(section), " doesn't exist");
  throw invalid_argument("config file error: option '", key, "' doesn't exist in ", described(section));
}

void declare_data_config(CLI::App& parser, DataConfigFlags& flags) {
  declare_data_flags(parser, flags.data);
  declare_level_flags(parser, flags);
  parser.add_flag("-u,--unset", flags.unset, "Remove the setting");
  parser.add_flag("-l,--list", flags.list, "List what DVC's configuration files say");
  parser.add_flag("--show-origin", flags.show_origin, "With the file that says it");
  parser.add_option("name", flags.name, "A setting of tracked data: section.option or remote.name.option");
  parser.add_option("value", flags.value, "Its new value");
}

int run_data_config(const DataConfigFlags& flags) {
  if (flags.show_origin && (!flags.value.empty() || flags.unset))
    return refuse("--show-origin can't be used together with any of these options: -u/--unset, value");
  if (flags.list && (!flags.name.empty() || flags.unset))
    return refuse("-l/--list can't be used together with any of these options: -u/--unset, name, value");
  const std::string dvc_folder = dvc_folder_around();
  if (flags.list) return run_config_work([&] { return list_settings(flags, dvc_folder); });
  if (flags.name.empty()) return refuse("name argument is required");
  SettingName name;
  try {
    name = parse_name(flags.name);
  } catch (const Error& error) {
    print_error(error.what());
    return kDataUsage;
  }
  return run_config_work([&] {
    const bool is_change = !flags.value.empty() || flags.unset;
    return is_change ? change_setting(flags, dvc_folder, name) : show_setting(flags, dvc_folder, name);
  });
}

}  // namespace slipway::cli
