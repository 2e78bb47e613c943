#include "app/cli/config_edit.h"

#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

std::string path_of(const std::string& dvc_folder, data::ConfigLevel level) {
  const bool is_inside = level == data::ConfigLevel::kRepository || level == data::ConfigLevel::kLocal;
  if (is_inside && dvc_folder.empty()) throw invalid_argument("config file error: Not inside a DVC repo");
  return data::config_path(level, dvc_folder);
}

}  // namespace

data::ConfigLevel LevelFlags::level() const {
  if (local) return data::ConfigLevel::kLocal;
  if (global) return data::ConfigLevel::kGlobal;
  return system ? data::ConfigLevel::kSystem : data::ConfigLevel::kRepository;
}

void declare_level_flags(CLI::App& parser, LevelFlags& flags) {
  CLI::Option* local = parser.add_flag("--local", flags.local, "In .dvc/config.local, which Git does not see");
  CLI::Option* global = parser.add_flag("--global", flags.global, "For all repositories of the user");
  CLI::Option* system = parser.add_flag("--system", flags.system, "For all users");
  CLI::Option* project = parser.add_flag("--project", flags.project, "In .dvc/config (the default)");
  global->excludes(local);
  system->excludes(local)->excludes(global);
  project->excludes(local)->excludes(global)->excludes(system);
}

ConfigEdit::ConfigEdit(std::string dvc_folder, data::ConfigLevel level)
    : dvc_folder_(std::move(dvc_folder)), level_(level), path_(path_of(dvc_folder_, level)) {
  if (files::exists(path_)) file_ = data::ConfigFile::parse(files::read(path_), path_);
}

void ConfigEdit::set(const std::string& section, const std::string& key, const std::string& value,
                     const std::string& here) {
  const bool is_relative = data::is_path_setting(section, key, value) && !value.starts_with('/');
  file_.set(section, key,
            is_relative ? data::paths::relative(data::paths::join(here, value), data::paths::parent(path_)) : value);
}

void ConfigEdit::save() const {
  try {
    data::Config::preview(dvc_folder_, level_, file_);
  } catch (const Error& error) {
    throw invalid_argument("config file error: ", error.what());
  }
  save_unchecked();
}

void ConfigEdit::save_unchecked() const { files::write_atomic(path_, file_.write()); }

}  // namespace slipway::cli
