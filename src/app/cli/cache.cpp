#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/config_data.h"
#include "domains/data/migrate.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct CacheFlags : LevelFlags {
  DataFlags data;
  bool unset = false;
  bool dry = false;
  bool dvc_files = false;
  std::string value;
};

int show_folder(const CacheFlags& flags, const std::string& dvc_folder) {
  if (flags.is_level_named()) {
    ConfigEdit edit(dvc_folder, flags.level());
    const auto value = edit.file().get("cache", "dir");
    if (!value) throw_no_setting(edit.file(), "cache", "dir");
    const std::string folder = data::paths::parent(data::config_path(flags.level(), dvc_folder));
    std::cout << data::paths::join(folder, *value) << '\n';
    return kExitOk;
  }
  const auto configured = data::Config::load(dvc_folder).folder("cache", "dir");
  if (!configured && dvc_folder.empty()) throw invalid_argument("config file error: Not inside a DVC repo");
  std::cout << configured.value_or(dvc_folder + "/cache") << '\n';
  return kExitOk;
}

int run_dir(const CacheFlags& flags) {
  const std::string dvc_folder = dvc_folder_around();
  return run_config_work([&] {
    if (flags.value.empty() && !flags.unset) return show_folder(flags, dvc_folder);
    ConfigEdit edit(dvc_folder, flags.level());
    if (!flags.unset) {
      edit.set("cache", "dir", flags.value, data::paths::current_folder());
    } else if (!edit.file().unset("cache", "dir")) {
      throw_no_setting(edit.file(), "cache", "dir");
    }
    edit.save();
    return kExitOk;
  });
}

void say_files(const std::vector<std::string>& files, const CacheFlags& flags) {
  if (files.empty()) {
    std::cout << "No DVC files in the repo to migrate to the 3.0 format.\n";
    return;
  }
  if (flags.dry) std::cout << "Entries in following DVC files will be migrated to the 3.0 format:\n";
  for (const std::string& file : files) {
    if (flags.dry) {
      std::cout << '\t' << file << '\n';
    } else {
      std::cout << "Updating DVC file '" << file << "'\n";
    }
  }
}

int run_migrate(const CacheFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", true}, [&](data::Repository& repository) {
    if (flags.dry) {
      std::cout << repository.store().list(data::ObjectKind::kLegacy).size()
                << " files will be re-hashed and migrated to the DVC 3.0 cache location.\n";
    } else {
      std::cout << "Migrated " << data::migrate_objects(repository.store()) << " files to DVC 3.0 cache location.\n";
    }
    if (!flags.dvc_files) return kExitOk;
    say_files(flags.dry ? data::legacy_files(repository) : data::migrate_files(repository), flags);
    return kExitOk;
  });
}

Action declare_cache(CLI::App& parser) {
  const auto flags = std::make_shared<CacheFlags>();
  parser.require_subcommand(1);
  CLI::App* dir = parser.add_subcommand("dir", "Show or set where the cache is");
  declare_data_flags(*dir, flags->data);
  declare_level_flags(*dir, *flags);
  dir->add_flag("-u,--unset", flags->unset, "Back to .dvc/cache");
  dir->add_option("value", flags->value, "The folder");
  CLI::App* migrate = parser.add_subcommand("migrate", "Take over what DVC 2 left in the cache");
  declare_data_flags(*migrate, flags->data);
  migrate->add_flag("--dvc-files", flags->dvc_files, "Change .dvc and dvc.lock files too");
  migrate->add_flag("--dry", flags->dry, "Only say what would be done");
  return [flags, dir] { return dir->parsed() ? run_dir(*flags) : run_migrate(*flags); };
}

}  // namespace

Command cache_command() {
  return data_command("cache", "Show or set where the cache is; take over the cache of DVC 2",
                      "  slipway cache dir ../shared-cache", declare_cache);
}

}  // namespace slipway::cli
