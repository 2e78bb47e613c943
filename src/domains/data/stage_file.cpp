#include "domains/data/stage_file.h"

#include <algorithm>

#include "domains/data/paths.h"
#include "domains/data/pipeline_file.h"
#include "domains/data/pipeline_plan.h"
#include "domains/data/yaml.h"
#include "domains/data/yaml_edit.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

bool is_valid_name(const std::string& name) {
  return !name.empty() && name.find_first_of(",:;!@#$%^&*()+={}[]|<>\"'/\\ ") == std::string::npos;
}

Value outputs(std::vector<NewOutput> listed) {
  for (NewOutput& out : listed) {
    if (out.path.find("://") == std::string::npos) out.path = paths::clean(out.path);
  }
  std::stable_sort(listed.begin(), listed.end(),
                   [](const NewOutput& a, const NewOutput& b) { return a.path < b.path; });
  Value out = Value::list();
  for (const NewOutput& one : listed) {
    Value flags = Value::map();
    if (!one.cache) flags.set("cache", Value::boolean(false));
    if (one.persist) flags.set("persist", Value::boolean(true));
    if (flags.empty()) {
      out.push(Value::string(one.path));
      continue;
    }
    Value item = Value::map();
    item.set(one.path, std::move(flags));
    out.push(std::move(item));
  }
  return out;
}

// Keys of the default file first, then the other files.
Value parameters(const std::map<std::string, std::vector<std::string>>& files) {
  Value out = Value::list();
  const auto sorted = [](std::vector<std::string> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  };
  const auto usual = files.find("params.yaml");
  if (usual != files.end()) {
    for (const std::string& key : sorted(usual->second)) out.push(Value::string(key));
  }
  for (const auto& [file, keys] : files) {
    if (file == "params.yaml" && !keys.empty()) continue;
    Value item = Value::map();
    item.set(file, keys.empty() ? Value() : Value::strings(sorted(keys)));
    out.push(std::move(item));
  }
  return out;
}

Value entry_of(const NewStage& stage) {
  Value out = Value::map();
  if (!stage.description.empty()) out.set("desc", Value::string(stage.description));
  out.set("cmd", Value::string(stage.command));
  const std::string folder = paths::clean(stage.folder);
  if (!stage.folder.empty() && folder != ".") out.set("wdir", Value::string(folder));
  std::vector<std::string> deps;
  for (const std::string& dep : stage.deps) {
    deps.push_back(dep.find("://") == std::string::npos ? paths::clean(dep) : dep);
  }
  std::sort(deps.begin(), deps.end());
  const auto set = [&](std::string_view key, Value value) {
    if (!value.empty()) out.set(key, std::move(value));
  };
  set("deps", Value::strings(deps));
  set("params", parameters(stage.params));
  set("outs", outputs(stage.outs));
  set("metrics", outputs(stage.metrics));
  set("plots", outputs(stage.plots));
  if (stage.always_changed) out.set("always_changed", Value::boolean(true));
  return out;
}

void check_folder(Repository& repository, const NewStage& stage) {
  if (stage.folder.empty()) return;
  const std::string path = paths::join(repository.seen_from(), stage.folder);
  if (!files::exists(path)) throw not_found("stage working dir '", path, "' does not exist");
  if (!paths::is_folder(path)) throw invalid_argument("stage working dir '", path, "' is not directory");
  if (!paths::inside(path, repository.root())) {
    throw invalid_argument("stage working dir '", path, "' is outside of DVC repo");
  }
}

// The stage among all others: no output twice, no cycle.
Stage fitted(Repository& repository, const std::string& file, const std::string& text, const std::string& name) {
  StageIndex index = repository.load_index();
  std::erase_if(index.stages(), [&](const Stage& stage) { return stage.file == file; });
  Stage out;
  PipelineFile made = parse_pipeline_file(text, file, LockFile(), repository.flag_style());
  for (Stage& stage : made.stages) {
    (stage.name == name ? out : index.stages().emplace_back()) = std::move(stage);
  }
  for (const Output& output : out.outs) {
    for (const Stage& other : index.stages()) {
      const bool taken = std::any_of(other.outs.begin(), other.outs.end(),
                                     [&](const Output& known) { return known.absolute == output.absolute; });
      if (!taken) continue;
      const std::string address = other.address(repository.seen_from());
      throw failed_precondition("output '", output.path, "' is already specified in stage: '", address,
                                "'.\nUse `slipway remove ", address, "` to stop tracking the overlapping output.");
    }
  }
  index.stages().push_back(out);
  for (const Output& output : out.outs) {
    if (output.cache && !paths::inside(output.absolute, repository.root())) {
      throw invalid_argument("Cached output(s) outside of DVC project: ", output.path);
    }
  }
  index.connect();
  index.check();
  return out;
}

// What stays between runs first, plain outputs last: the order of the lines in .gitignore that dvc would write.
void ignore_outputs(Repository& repository, const Stage& stage) {
  const auto rank = [](const Output& out) {
    if (out.metric || out.plot) return out.metric ? 1 : 2;
    return out.persist ? 0 : 3;
  };
  std::vector<Output> outs = stage.outs;
  std::stable_sort(outs.begin(), outs.end(), [&](const Output& a, const Output& b) { return rank(a) < rank(b); });
  for (const Output& output : outs) {
    if (output.cache && paths::is_folder(paths::parent(output.absolute))) repository.ignore(output.absolute);
  }
}

}  // namespace

void add_stage(Repository& repository, const NewStage& stage, bool force) {
  const RepositoryLock lock = repository.lock();
  if (stage.command.empty()) throw invalid_argument("command is not specified");
  if (!is_valid_name(stage.name)) {
    throw invalid_argument("Stage name cannot contain punctuation characters.");
  }
  check_folder(repository, stage);
  const std::string file = paths::join(repository.seen_from(), "dvc.yaml");
  const std::string shown = repository.shown(file);
  std::string text = files::exists(file) ? files::read(file) : "";
  const Value content = parse_yaml(text, file);
  const Value* stages = content.find("stages");
  const Value* known = stages == nullptr ? nullptr : stages->find(stage.name);
  if (known != nullptr && !force) {
    throw already_exists("Stage '", stage.name, "' already exists in '", shown, "'. Use '--force' to overwrite.");
  }
  const Value entry = entry_of(stage);
  if (known == nullptr || !known->is_map()) {
    text = set_in_yaml(text, file, {"stages", stage.name}, entry);
  } else {
    // Key by key, so that comments at what does not change stay.
    for (const Member& member : known->members()) {
      const bool note = member.key == "desc" || member.key == "meta";
      if (!note && entry.find(member.key) == nullptr)
        text = erase_in_yaml(text, file, {"stages", stage.name, member.key});
    }
    for (const Member& member : entry.members()) {
      text = set_in_yaml(text, file, {"stages", stage.name, member.key}, member.value);
    }
  }
  const Stage made = fitted(repository, file, text, stage.name);
  files::write_atomic(file, text);
  repository.note_changed(file);
  ignore_outputs(repository, made);
}

void set_frozen(Repository& repository, const std::string& target, bool frozen) {
  const RepositoryLock lock = repository.lock();
  const StageIndex index = repository.load_index();
  PlanOptions only;
  only.single_item = true;
  const std::vector<size_t> found = plan_stages(repository, index, {target}, only);
  const Stage& stage = index.stages()[found.at(0)];
  std::string text = files::read(stage.file);
  KeyPath path;
  if (!stage.name.empty()) {
    const Value content = parse_yaml(text, stage.file);
    const Value* stages = content.find("stages");
    if (found.size() > 1 || stages == nullptr || stages->find(stage.name) == nullptr) {
      throw failed_precondition("cannot dump a parametrized stage: '", target, "'");
    }
    path = {"stages", stage.name};
  }
  path.emplace_back("frozen");
  const std::string changed =
      frozen ? set_in_yaml(text, stage.file, path, Value::boolean(true)) : erase_in_yaml(text, stage.file, path);
  if (changed == text) return;
  files::write_atomic(stage.file, changed);
  repository.note_changed(stage.file);
}

}  // namespace slipway::data
