#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/config.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

using data::ConfigFile;

struct RemoteFlags {
  DataFlags data;
  bool local = false;
  bool global = false;
  bool system = false;
  bool project = false;
  bool make_default = false;
  bool force = false;
  bool unset = false;
  bool json = false;
  std::string name;
  std::string option;
  std::string value;

  data::ConfigLevel level() const {
    if (local) return data::ConfigLevel::kLocal;
    if (global) return data::ConfigLevel::kGlobal;
    return system ? data::ConfigLevel::kSystem : data::ConfigLevel::kRepository;
  }
};

// One configuration file, changed and written back.
class Edit {
 public:
  Edit(data::Repository& repository, const RemoteFlags& flags)
      : path_(data::config_path(flags.level(), repository.dvc_folder())) {
    if (files::exists(path_)) file_ = ConfigFile::parse(files::read(path_), path_);
  }
  ConfigFile& file() { return file_; }
  std::string folder() const { return data::paths::parent(path_); }
  void save() const { files::write_atomic(path_, file_.write()); }

 private:
  const std::string path_;
  ConfigFile file_;
};

data::RemoteSettings known_remote(data::Repository& repository, const std::string& name) {
  auto found = repository.config().find_remote(name);
  if (!found) throw invalid_argument("config file error: remote '", name, "' doesn't exist.");
  return *found;
}

// Folders are kept relative to the configuration file when they were given so.
std::string stored_url(const data::Repository& repository, const std::string& url, const std::string& folder) {
  if (!data::is_local_url(url) || url.starts_with('/')) return url;
  return data::paths::relative(data::paths::join(repository.seen_from(), url), folder);
}

int add_remote(data::Repository& repository, const RemoteFlags& flags) {
  Edit edit(repository, flags);
  const std::string name = text::lower(flags.name);
  if (!flags.force && repository.config().find_remote(name)) {
    throw already_exists("config file error: remote '", name, "' already exists. Use `-f|--force` to overwrite it.");
  }
  if (flags.make_default) {
    if (!flags.data.quiet) std::cout << "Setting '" << name << "' as a default remote.\n";
    edit.file().set("core", "remote", name);
  }
  edit.file().set(data::remote_section(name), "url", stored_url(repository, flags.value, edit.folder()));
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
  const data::RemoteSettings remote = known_remote(repository, flags.name);
  Edit edit(repository, flags);
  const std::string section = data::remote_section(flags.name);
  if (flags.unset) {
    if (!edit.file().unset(section, flags.option)) {
      throw not_found("option '", flags.option, "' of remote '", flags.name, "' is not set");
    }
  } else {
    data::check_remote_option(flags.name, remote.url, flags.option);
    if (flags.value.empty()) throw invalid_argument("the value of '", flags.option, "' is missing; --unset removes it");
    edit.file().set(section, flags.option,
                    flags.option == "url" ? stored_url(repository, flags.value, edit.folder()) : flags.value);
  }
  edit.save();
  return kExitOk;
}

int remove_remote(data::Repository& repository, const RemoteFlags& flags) {
  known_remote(repository, flags.name);
  Edit edit(repository, flags);
  if (!edit.file().remove_section(data::remote_section(flags.name))) {
    throw not_found("remote '", flags.name, "' is set in another configuration file; name it with --local or --global");
  }
  if (edit.file().get("core", "remote") == flags.name) edit.file().unset("core", "remote");
  edit.save();
  return kExitOk;
}

int default_remote(data::Repository& repository, const RemoteFlags& flags) {
  Edit edit(repository, flags);
  if (flags.unset) {
    edit.file().unset("core", "remote");
    edit.save();
  } else if (!flags.name.empty()) {
    known_remote(repository, flags.name);
    edit.file().set("core", "remote", flags.name);
    edit.save();
  } else {
    const auto now = repository.config().default_remote();
    std::cout << now.value_or("No default remote set") << '\n';
    return now ? kExitOk : kDataFailed;
  }
  return kExitOk;
}

using Work = int (*)(data::Repository&, const RemoteFlags&);

CLI::App* declare_one(CLI::App& parser, const std::shared_ptr<RemoteFlags>& flags, const char* name, const char* what) {
  CLI::App* sub = parser.add_subcommand(name, what);
  declare_data_flags(*sub, flags->data);
  sub->add_flag("--local", flags->local, "In .dvc/config.local, which Git does not see");
  sub->add_flag("--global", flags->global, "For all repositories of the user");
  sub->add_flag("--system", flags->system, "For all users");
  sub->add_flag("--project", flags->project, "In .dvc/config (the default)");
  return sub;
}

Action declare_remote(CLI::App& parser) {
  const auto flags = std::make_shared<RemoteFlags>();
  const auto work = std::make_shared<Work>(nullptr);
  parser.require_subcommand(1);
  const auto on = [&](CLI::App* sub, Work what) { sub->callback([work, what] { *work = what; }); };

  CLI::App* add = declare_one(parser, flags, "add", "Add a remote");
  add->add_option("name", flags->name, "Its name")->required();
  add->add_option("url", flags->value, "A folder, or s3://bucket/path")->required();
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
