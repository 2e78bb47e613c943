#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/config_edit.h"
#include "app/cli/data_command.h"
#include "domains/data/config.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

using data::ConfigFile;

struct RemoteFlags : LevelFlags {
  DataFlags data;
  bool make_default = false;
  bool force = false;
  bool unset = false;
  bool json = false;
  std::string name;
  std::string option;
  std::string value;
};

void check_known(const data::Repository& repository, const std::string& name) {
  if (!repository.config().find_remote(name)) {
    throw invalid_argument("config file error: remote '", name, "' doesn't exist.");
  }
}

int add_remote(data::Repository& repository, const RemoteFlags& flags) {
  ConfigEdit edit(repository.dvc_folder(), flags.level());
  const std::string name = text::lower(flags.name);
  const std::string section = data::remote_section(name);
  if (flags.make_default && !flags.data.quiet) std::cout << "Setting '" << name << "' as a default remote.\n";
  if (!flags.force && !edit.file().values(section).empty()) {
    throw already_exists("config file error: remote '", name, "' already exists. Use `-f|--force` to overwrite it.");
  }
  if (flags.make_default) edit.file().set("core", "remote", name);
  edit.set(section, "url", flags.value, repository.seen_from());
  // Nothing of the one that it replaces but its place in the file.
  for (const auto& [key, value] : edit.file().values(section)) {
    if (key != "url") edit.file().unset(section, key);
  }
  edit.save();
  return kExitOk;
}

int list_remotes(data::Repository& repository, const RemoteFlags& flags) {
  const auto remotes = repository.config().remotes();
  const std::string standard = repository.config().default_remote().value_or("");
  data::Value json = data::Value::list();
  size_t widest = 0;
  for (const auto& remote : remotes) widest = std::max(widest, remote.name.size());
  for (const auto& remote : remotes) {
    const bool is_default = remote.name == standard;
    if (!flags.json) {
      std::string name = remote.name;
      name.resize(std::max<size_t>(widest, 2) + 6, ' ');
      std::cout << name << remote.url << (is_default ? "\t(default)" : "") << '\n';
      continue;
    }
    data::Value item = data::Value::map();
    item.set("name", data::Value::string(remote.name));
    item.set("url", data::Value::string(remote.url));
    item.set("default", data::Value::boolean(is_default));
    json.push(std::move(item));
  }
  if (flags.json) std::cout << python_json(json, data::KeyOrder::kAsIs) << '\n';
  return kExitOk;
}

int modify_remote(data::Repository& repository, const RemoteFlags& flags) {
  const std::string name = text::lower(flags.name);
  check_known(repository, name);
  if (flags.value.empty() && !flags.unset) {
    throw invalid_argument("config file error: the value of '", flags.option, "' is missing; --unset removes it");
  }
  ConfigEdit edit(repository.dvc_folder(), flags.level());
  const std::string section = data::remote_section(name);
  if (flags.unset) {
    edit.file().unset(section, flags.option);
  } else {
    edit.set(section, flags.option, flags.value, repository.seen_from());
  }
  edit.save();
  return kExitOk;
}

// The default of this and the more local configuration files follows a remote that gets another name, or none.
void change_default(data::Repository& repository, const RemoteFlags& flags, const std::string& from,
                    const std::string& to) {
  for (const auto level : data::kConfigLevels) {
    const std::string path = data::config_path(level, repository.dvc_folder());
    if (level < flags.level() || !files::exists(path)) continue;
    ConfigFile file = ConfigFile::parse(files::read(path), path);
    if (file.get("core", "remote") != from) continue;
    if (to.empty()) {
      file.unset("core", "remote");
    } else {
      file.set("core", "remote", to);
    }
    files::write_atomic(path, file.write());
  }
}

int remove_remote(data::Repository& repository, const RemoteFlags& flags) {
  const std::string name = text::lower(flags.name);
  ConfigEdit edit(repository.dvc_folder(), flags.level());
  if (!edit.file().remove_section(data::remote_section(name))) {
    throw not_found("config file error: remote '", name, "' doesn't exist.");
  }
  edit.save_unchecked();
  change_default(repository, flags, name, "");
  return kExitOk;
}

int rename_remote(data::Repository& repository, const RemoteFlags& flags) {
  const std::string name = text::lower(flags.name);
  if (repository.config().find_remote(flags.value)) {
    throw already_exists("config file error: Rename failed. Remote name '", flags.value, "' already exists.");
  }
  ConfigEdit edit(repository.dvc_folder(), flags.level());
  const auto options = edit.file().values(data::remote_section(name));
  if (options.empty()) throw not_found("config file error: remote '", name, "' doesn't exist.");
  edit.file().rename_section(data::remote_section(name), data::remote_section(flags.value));
  edit.save_unchecked();
  change_default(repository, flags, name, flags.value);
  return kExitOk;
}

int default_remote(data::Repository& repository, const RemoteFlags& flags) {
  ConfigEdit edit(repository.dvc_folder(), flags.level());
  const std::string name = text::lower(flags.name);
  if (flags.unset) {
    edit.file().unset("core", "remote");
    edit.save_unchecked();
  } else if (!name.empty()) {
    if (!repository.config().find_remote(name)) {
      throw invalid_argument("config file error: default remote must be present in remote list.");
    }
    edit.file().set("core", "remote", name);
    edit.save_unchecked();
  } else {
    const auto now = flags.is_level_named() ? edit.file().get("core", "remote") : repository.config().default_remote();
    std::cout << now.value_or("No default remote set") << '\n';
    return now ? kExitOk : kDataFailed;
  }
  return kExitOk;
}

using Work = int (*)(data::Repository&, const RemoteFlags&);

CLI::App* declare_one(CLI::App& parser, const std::shared_ptr<RemoteFlags>& flags, const char* name, const char* what) {
  CLI::App* sub = parser.add_subcommand(name, what);
  declare_data_flags(*sub, flags->data);
  declare_level_flags(*sub, *flags);
  return sub;
}

Action declare_remote(CLI::App& parser) {
  const auto flags = std::make_shared<RemoteFlags>();
  const auto work = std::make_shared<Work>(nullptr);
  parser.require_subcommand(1);
  const auto on = [&](CLI::App* sub, Work what) { sub->callback([work, what] { *work = what; }); };

  CLI::App* add = declare_one(parser, flags, "add", "Add a remote");
  add->add_option("name", flags->name, "Its name")->required();
  add->add_option("url", flags->value, "A folder, s3://bucket/path, https://host/path, ssh://host/path, ...")
      ->required();
  add->add_flag("-d,--default", flags->make_default, "Use it when none is named");
  add->add_flag("-f,--force", flags->force, "Replace one of this name");
  on(add, add_remote);

  CLI::App* list = declare_one(parser, flags, "list", "List the remotes");
  list->add_flag("--json", flags->json, "Print as JSON");
  on(list, list_remotes);

  CLI::App* modify = declare_one(parser, flags, "modify", "Set an option of a remote");
  modify->add_option("name", flags->name, "The remote")->required();
  modify->add_option("option", flags->option, "The option")->required();
  modify->add_option("value", flags->value, "Its value");
  modify->add_flag("-u,--unset", flags->unset, "Remove the option");
  on(modify, modify_remote);

  CLI::App* standard = declare_one(parser, flags, "default", "Show or set the default remote");
  standard->add_option("name", flags->name, "The remote");
  standard->add_flag("-u,--unset", flags->unset, "Have none");
  on(standard, default_remote);

  CLI::App* remove = declare_one(parser, flags, "remove", "Forget a remote");
  remove->add_option("name", flags->name, "The remote")->required();
  on(remove, remove_remote);

  CLI::App* rename = declare_one(parser, flags, "rename", "Give a remote another name");
  rename->add_option("name", flags->name, "The remote")->required();
  rename->add_option("new", flags->value, "Its new name")->required();
  on(rename, rename_remote);

  return [flags, work] {
    const DataWork how{kDataConfig, "configuration error", false};
    return run_in_repository(flags->data, how,
                             [&](data::Repository& repository) { return (*work)(repository, *flags); });
  };
}

}  // namespace

Command remote_command() {
  return data_command("remote", "Manage where tracked data is pushed to", "  slipway remote add -d storage ../storage",
                      declare_remote);
}

}  // namespace slipway::cli
