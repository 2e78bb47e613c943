#include "domains/data/migrate.h"

#include <algorithm>
#include <set>

#include "domains/data/add.h"
#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/pipeline_file.h"
#include "domains/data/tracking.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

bool is_legacy(const Stage& stage) {
  const auto legacy = [](const Record& record) { return record.legacy && !record.hash.empty(); };
  return std::any_of(stage.outs.begin(), stage.outs.end(), [&](const Output& out) { return legacy(out.record); }) ||
         (!stage.is_import() &&
          std::any_of(stage.deps.begin(), stage.deps.end(), [&](const Dependency& dep) { return legacy(dep.record); }));
}

bool is_present(const Stage& stage) {
  return std::all_of(stage.outs.begin(), stage.outs.end(),
                     [](const Output& out) { return files::exists(out.absolute); }) &&
         std::all_of(stage.deps.begin(), stage.deps.end(),
                     [](const Dependency& dep) { return dep.outside || files::exists(dep.absolute); });
}

std::string recorded_in(const Repository& repository, const Stage& stage) {
  return repository.shown(stage.name.empty() ? stage.file : lock_path_of(stage.file));
}

}  // namespace

size_t migrate_objects(const ObjectStore& store) {
  const std::vector<std::string> hashes = store.list(ObjectKind::kLegacy);
  parallel_for(hashes.size(), default_jobs(), [&](size_t i) {
    const std::string path = store.path_of(hashes[i], ObjectKind::kLegacy);
    const std::string md5 = md5_of_file(path) + (is_tree_hash(hashes[i]) ? ".dir" : "");
    if (store.contains(md5) || store.adopt(path, md5)) return;
    if (is_tree_hash(md5)) {
      store.put(md5, files::read(path));
    } else {
      store.put_file(path);
    }
  });
  return hashes.size();
}

std::vector<std::string> legacy_files(Repository& repository) {
  std::set<std::string> out;
  const StageIndex index = repository.load_index();
  for (const Stage& stage : index.stages()) {
    if (is_legacy(stage)) out.insert(recorded_in(repository, stage));
  }
  return {out.begin(), out.end()};
}

std::vector<std::string> migrate_files(Repository& repository) {
  const RepositoryLock lock = repository.lock();
  std::set<std::string> out;
  StageIndex index = repository.load_index();
  for (Stage& stage : index.stages()) {
    if (!is_legacy(stage) || !is_present(stage)) continue;
    for (Output& output : stage.outs) output.record.legacy = false;
    if (!stage.is_import()) record_dependencies(repository, stage);
    record_outputs(repository, stage, true);
    save_stage(repository, stage);
    out.insert(recorded_in(repository, stage));
  }
  return {out.begin(), out.end()};
}

}  // namespace slipway::data
