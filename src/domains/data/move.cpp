#include "domains/data/move.h"

#include <algorithm>
#include <filesystem>

#include "domains/data/dvcfile.h"
#include "domains/data/paths.h"
#include "domains/data/tracking.h"
#include "domains/data/yaml.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

size_t output_at(const Stage& stage, const std::string& path) {
  const auto found =
      std::find_if(stage.outs.begin(), stage.outs.end(), [&](const Output& output) { return output.absolute == path; });
  return static_cast<size_t>(found - stage.outs.begin());
}

const Stage& owner_of(const StageIndex& index, const std::string& path, const std::string& shown) {
  for (const Stage& stage : index.stages()) {
    if (output_at(stage, path) < stage.outs.size()) return stage;
  }
  throw not_found("Unable to find DVC file with output '", shown, "'");
}

// Paths of an import are seen from the .dvc file, which now lies elsewhere.
void move_dependencies(Value& content, const std::string& old_folder, const std::string& new_folder) {
  Value* deps = content.find("deps");
  if (deps == nullptr) return;
  for (Value& dep : deps->items()) {
    Value* path = dep.find("path");
    const bool is_elsewhere = dep.find("repo") != nullptr || path == nullptr || !path->is_string();
    if (is_elsewhere || path->text().starts_with('/') || path->text().find("://") != std::string::npos) continue;
    *path = Value::string(paths::relative(paths::join(old_folder, path->text()), new_folder));
  }
}

// The same stage in a file beside the new place.
Stage renamed_stage(const Stage& stage, const std::string& to) {
  const std::string file = to + ".dvc";
  const std::string folder = paths::parent(to);
  Value content = stage.source;
  content.erase("wdir");
  move_dependencies(content, stage.folder, folder);
  content.find("outs")->items().front().set("path", Value::string(paths::name(to)));
  return parse_dvc_file(write_yaml(content), file);
}

}  // namespace

void move(Repository& repository, const std::string& from, const std::string& to) {
  const RepositoryLock lock = repository.lock();
  const std::string source = paths::join(repository.seen_from(), from);
  std::string target = paths::join(repository.seen_from(), to);
  if (paths::is_folder(target)) target = paths::join(target, paths::name(source));
  const StageIndex index = repository.load_index();
  const Stage& old_stage = owner_of(index, source, from);
  if (!old_stage.is_data()) {
    throw failed_precondition(
        "'", old_stage.address(repository.seen_from()),
        "' is a stage with a command: what it makes cannot be moved. Change the path in it by hand.");
  }
  const std::string stem = paths::name(old_stage.file).substr(0, paths::name(old_stage.file).rfind('.'));
  const bool is_renamed = stem == paths::name(source) && old_stage.outs.size() == 1;
  if (is_renamed && files::exists(target + ".dvc"))
    throw already_exists("'", repository.shown(target), ".dvc' already exists");
  check_place(repository, target);
  if (files::exists(target)) throw already_exists("'", repository.shown(target), "' exists already");
  if (!paths::is_folder(paths::parent(target)))
    throw not_found("the folder '", repository.shown(paths::parent(target)), "' does not exist");
  if (!files::exists(source)) throw not_found("'", repository.shown(source), "' does not exist");
  if (const Stage* other = index.find_owner(target)) {
    throw failed_precondition("'", repository.shown(target), "' overlaps with an output of '",
                              other->address(repository.seen_from()), "'");
  }
  Stage stage = is_renamed ? renamed_stage(old_stage, target) : old_stage;
  Output& output = stage.outs[is_renamed ? 0 : output_at(old_stage, source)];
  output.path = paths::relative(target, stage.folder);
  output.absolute = target;
  if (is_renamed) check_git(repository, target, stage.file);

  // The data first: when this ends here, the old .dvc file still names content that the cache has.
  std::filesystem::rename(source, target);
  if (output.cache) {
    repository.stop_ignoring(source);
    repository.ignore(target);
  }
  record_one(repository, output, target, scan_options(repository, output.cache, true));
  save_stage(repository, stage);
  repository.forget_placed(source);
  repository.note_placed(target);
  if (!is_renamed) return;
  std::filesystem::remove(old_stage.file);
  repository.note_changed(old_stage.file);
}

}  // namespace slipway::data
