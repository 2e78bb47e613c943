#include "domains/data/status.h"

#include <algorithm>
#include <atomic>

#include "domains/data/parallel.h"
#include "domains/data/params.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::data {

namespace {

std::string dependency_status(Repository& repository, const Dependency& dep) {
  const auto found = repository.look(dep.absolute, dep.record);
  if (!found) return "deleted";
  return found->hash == dep.record.hash ? "" : "modified";
}

Value params_status(const ParamsDependency& params) {
  const auto now = current_params(params);
  if (!now) return Value::string("deleted");
  if (!params.recorded) return Value::string("new");
  return params_changes(params, *now);
}

Value changed_dependencies(Repository& repository, const Stage& stage) {
  Value out = Value::map();
  for (const Dependency& dep : stage.deps) {
    if (dep.outside) continue;
    const std::string status = dependency_status(repository, dep);
    if (!status.empty()) out.set(repository.shown(dep.absolute), Value::string(status));
  }
  for (const ParamsDependency& params : stage.params) {
    Value status = params_status(params);
    if (status.is_string() || !status.empty()) out.set(repository.shown(params.absolute), std::move(status));
  }
  return out;
}

Value entry(std::string_view key, Value value) {
  Value out = Value::map();
  out.set(key, std::move(value));
  return out;
}

}  // namespace

bool is_cached(const ObjectStore& store, const Record& record) {
  if (!store.contains(record.hash, record.kind())) return false;
  if (!record.is_folder()) return true;
  const Tree tree = store.read_tree(record.hash, record.kind());
  std::atomic<bool> complete = true;
  parallel_for(tree.entries.size(), default_jobs(), [&](size_t i) {
    if (complete && !store.contains(tree.entries[i].md5, record.kind())) complete = false;
  });
  return complete;
}

std::string output_status(Repository& repository, const Output& output) {
  if (!output.record.hash.empty() && output.cache && !is_cached(repository.store(), output.record))
    return "not in cache";
  return workspace_status(repository, output);
}

std::string workspace_status(Repository& repository, const Output& output) {
  const auto found = repository.look(output.absolute, output.record);
  if (!found) return "deleted";
  return found->hash == output.record.hash ? "" : "modified";
}

bool is_changed(Repository& repository, const Stage& stage) {
  return stage.command_changed || !changed_dependencies(repository, stage).empty() ||
         std::any_of(stage.outs.begin(), stage.outs.end(),
                     [&](const Output& output) { return !workspace_status(repository, output).empty(); });
}

Value stage_status(Repository& repository, const Stage& stage, const std::string& only) {
  Value out = Value::list();
  if (!stage.frozen) {
    Value deps = changed_dependencies(repository, stage);
    if (!deps.empty()) out.push(entry("changed deps", std::move(deps)));
  }
  Value outs = Value::map();
  for (const Output& output : stage.outs) {
    if (!only.empty() && !paths::overlap(only, output.absolute)) continue;
    const std::string status = output_status(repository, output);
    if (!status.empty()) outs.set(repository.shown(output.absolute), Value::string(status));
  }
  if (!outs.empty()) out.push(entry("changed outs", std::move(outs)));
  if (stage.is_callback() || stage.always_changed) out.push(Value::string("always changed"));
  if (stage.command_changed) out.push(Value::string("changed command"));
  return out;
}

Value status(Repository& repository, const StageIndex& index, const std::vector<std::string>& targets) {
  std::vector<Target> chosen;
  for (const std::string& target : targets) {
    for (const Target& found : index.find_targets(target, repository.seen_from())) chosen.push_back(found);
  }
  for (size_t i = 0; targets.empty() && i < index.stages().size(); ++i) chosen.push_back({i, ""});
  Value out = Value::map();
  for (const Target& target : chosen) {
    const Stage& stage = index.stages()[target.stage];
    const std::string address = stage.address(repository.seen_from());
    if (stage.frozen && !stage.is_import()) {
      log::warning(text::concat("stage: '", address,
                                "' is frozen. Its dependencies are not going to be shown in the status output."));
    }
    Value changes = stage_status(repository, stage, target.only);
    if (!changes.empty()) out.set(address, std::move(changes));
  }
  return out;
}

}  // namespace slipway::data
