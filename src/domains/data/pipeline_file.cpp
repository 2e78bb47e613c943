#include "domains/data/pipeline_file.h"

#include <unistd.h>

#include <algorithm>

#include "domains/data/paths.h"
#include "domains/data/yaml.h"
#include "domains/data/yaml_edit.h"
#include "domains/data/yaml_fault.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

class StageBuilder {
 public:
  StageBuilder(const StageDefinition& definition, const std::string& path) : fields_(definition.fields) {
    stage_.file = path;
    stage_.name = definition.name;
  }

  Stage build() {
    check_keys();
    const Value* command = fields_.find("cmd");
    if (command == nullptr || command->is_null() || (command->is_string() && command->text().empty())) {
      throw invalid_argument("'cmd' is missing");
    }
    if (command->is_map()) throw invalid_argument("'cmd' must be a command or a list of commands");
    stage_.command = command->is_list() || command->is_string() ? *command : Value::string(plain_text(*command));
    const Value* wdir = fields_.find("wdir");
    stage_.folder = paths::join(paths::parent(stage_.file), wdir == nullptr ? "." : plain_text(*wdir));
    for (const Value& item : list("deps")) add_dep(plain_text(item));
    for (const Value& item : list("params")) add_params(item);
    for (const std::string_view key : {"outs", "metrics", "plots"}) {
      size_t number = 0;
      for (const Value& item : list(key)) add_out(item, key, number++);
    }
    stage_.frozen = flag(fields_, "frozen", false);
    stage_.always_changed = flag(fields_, "always_changed", false);
    if (const Value* text = fields_.find("desc")) stage_.description = plain_text(*text);
    if (const Value* meta = fields_.find("meta")) stage_.meta = *meta;
    check_paths();
    return std::move(stage_);
  }

 private:
  void check_keys() const {
    static constexpr std::string_view known[] = {"cmd",  "wdir", "deps",           "params",  "frozen", "meta",
                                                 "desc", "vars", "always_changed", "metrics", "plots",  "outs"};
    for (const Member& member : fields_.members()) {
      if (std::find(std::begin(known), std::end(known), member.key) == std::end(known)) {
        throw YamlFault(place({member.key}), "extra keys not allowed");
      }
    }
  }
  // In the file, where foreach and matrix have not made several stages of it yet.
  KeyPath place(const KeyPath& inner) const {
    KeyPath out = {"stages", stage_.name.substr(0, stage_.name.find('@'))};
    out.insert(out.end(), inner.begin(), inner.end());
    return out;
  }
  const std::vector<Value>& list(std::string_view key) const {
    static const std::vector<Value> none;
    const Value* found = fields_.find(key);
    if (found == nullptr || found->is_null()) return none;
    if (!found->is_list()) throw invalid_argument("'", key, "' must be a list");
    return found->items();
  }
  static bool flag(const Value& from, std::string_view key, bool otherwise) {
    const Value* found = from.find(key);
    if (found == nullptr) return otherwise;
    if (found->kind() != Value::Kind::kBool) throw invalid_argument("'", key, "' must be true or false");
    return found->as_bool();
  }
  void add_dep(const std::string& path) {
    Dependency dep;
    dep.path = cleaned(path);
    dep.outside = path.find("://") != std::string::npos;
    dep.absolute = paths::join(stage_.folder, path);
    stage_.deps.push_back(std::move(dep));
  }
  static std::string cleaned(const std::string& path) {
    return path.find("://") == std::string::npos ? paths::clean(path) : path;
  }
  ParamsDependency& params_file(const std::string& path) {
    for (ParamsDependency& known : stage_.params) {
      if (known.path == path) return known;
    }
    ParamsDependency made;
    made.path = path;
    made.absolute = paths::join(stage_.folder, path);
    stage_.params.push_back(std::move(made));
    return stage_.params.back();
  }
  // "key" of params.yaml, or {file: [keys]}, or {file: null} for the whole file.
  void add_params(const Value& item) {
    if (!item.is_map()) {
      if (!whole("params.yaml")) params_file("params.yaml").keys.push_back(plain_text(item));
      return;
    }
    for (const Member& member : item.members()) {
      ParamsDependency& file = params_file(member.key);
      if (whole(member.key)) continue;
      if (!member.value.is_list())
        throw invalid_argument("Expected list of params for custom params file '", member.key, "'");
      for (const Value& key : member.value.items()) file.keys.push_back(plain_text(key));
    }
  }
  bool whole(std::string_view file) const {
    for (const Value& item : list("params")) {
      const Value* keys = item.find(file);
      if (keys != nullptr && (keys->is_null() || keys->empty())) return true;
    }
    return false;
  }
  void add_out(const Value& item, std::string_view key, size_t number) {
    if (!item.is_map()) return make_out(plain_text(item), Value::map(), key);
    for (const Member& member : item.members()) {
      const bool variants = member.value.is_list() && !member.value.items().empty();
      check_flags(member, key, number);
      make_out(member.key, variants ? member.value.items().front() : member.value, key);
    }
  }
  void check_flags(const Member& out, std::string_view key, size_t number) const {
    static constexpr std::string_view known[] = {"cache", "persist", "checkpoint", "remote", "push",
                                                 "desc",  "type",    "labels",     "meta"};
    for (const Member& flag : out.value.members()) {
      const bool is_known = std::find(std::begin(known), std::end(known), flag.key) != std::end(known) ||
                            (key == "plots" && is_plot_setting(flag.key));
      if (!is_known) {
        throw YamlFault(place({std::string(key), std::to_string(number), out.key, flag.key}), "extra keys not allowed");
      }
    }
  }
  static bool is_plot_setting(std::string_view name) {
    static constexpr std::string_view settings[] = {"x", "y", "x_label", "y_label", "title", "header", "template"};
    return std::find(std::begin(settings), std::end(settings), name) != std::end(settings);
  }
  void make_out(const std::string& path, const Value& flags, std::string_view key) {
    Output out;
    out.path = cleaned(path);
    out.absolute = paths::join(stage_.folder, path);
    out.cache = flag(flags, "cache", true);
    out.persist = flag(flags, "persist", false);
    out.push = flag(flags, "push", true);
    if (const Value* remote = flags.find("remote")) out.remote = plain_text(*remote);
    out.metric = key == "metrics";
    out.plot = key == "plots";
    if (out.plot) out.plot_settings = plot_settings(flags);
    stage_.outs.push_back(std::move(out));
  }
  static Value plot_settings(const Value& flags) {
    Value out = Value::map();
    for (const Member& member : flags.members()) {
      if (is_plot_setting(member.key)) out.set(member.key, member.value);
    }
    return out;
  }
  void check_paths() const {
    std::vector<std::string> seen;
    for (const Output& out : stage_.outs) seen.push_back(out.absolute);
    for (const Dependency& dep : stage_.deps) {
      if (std::find(seen.begin(), seen.end(), dep.absolute) != seen.end()) {
        throw invalid_argument("'", dep.path, "' is specified as an output and as a dependency");
      }
    }
    std::sort(seen.begin(), seen.end());
    const auto twice = std::adjacent_find(seen.begin(), seen.end());
    if (twice != seen.end()) throw invalid_argument("the output '", *twice, "' is specified more than once");
  }

  const Value& fields_;
  Stage stage_;
};

}  // namespace

namespace {

void check_top_level(const Value& content, const std::string& path) {
  if (!content.is_map()) throw invalid_argument("'", path, "' is invalid: expected keys and values");
  static constexpr std::string_view known[] = {"stages", "vars", "plots", "params", "metrics", "artifacts", "datasets"};
  for (const Member& member : content.members()) {
    if (std::find(std::begin(known), std::end(known), member.key) == std::end(known)) {
      throw YamlFault({member.key}, "extra keys not allowed");
    }
  }
}

void apply_lock(const LockFile& lock, Stage& stage) {
  const Value* entry = lock.find(stage.name);
  if (entry == nullptr) return;
  try {
    apply_lock_entry(*entry, stage);
  } catch (const Error& error) {
    throw Error(error.code(),
                text::concat("'", lock_path_of(stage.file), "': stage '", stage.name, "': ", error.what()));
  }
}

std::vector<std::string> paths_under(const Value& content, std::string_view key, const std::string& path) {
  std::vector<std::string> out;
  const Value* found = content.find(key);
  if (found == nullptr || found->is_null()) return out;
  if (!found->is_list()) throw invalid_argument("'", path, "' is invalid: '", key, "' must be a list");
  for (const Value& item : found->items()) out.push_back(plain_text(item));
  return out;
}

}  // namespace

PipelineFile parse_pipeline_file(std::string_view text, const std::string& path, const LockFile& lock,
                                 const FlagStyle& style, const FileSource& source) {
  const Value content = parse_yaml(text, path);
  try {
    check_top_level(content, path);
  } catch (const YamlFault& fault) {
    throw fault.told(text, path);
  }
  ResolvedPipeline resolved = resolve_pipeline(content, paths::parent(path), path, style, source);
  PipelineFile out;
  out.path = path;
  out.stages.reserve(resolved.stages.size());
  for (const StageDefinition& definition : resolved.stages) {
    try {
      out.stages.push_back(StageBuilder(definition, path).build());
    } catch (const YamlFault& fault) {
      throw fault.told(text, path);
    } catch (const Error& error) {
      throw invalid_argument("'", path, "' is invalid: stage '", definition.name, "': ", error.what());
    }
    apply_lock(lock, out.stages.back());
  }
  out.metrics = paths_under(resolved.others, "metrics", path);
  out.params = paths_under(resolved.others, "params", path);
  if (const Value* plots = resolved.others.find("plots"); plots != nullptr && plots->is_collection())
    out.plots = *plots;
  if (const Value* found = resolved.others.find("artifacts"); found != nullptr && found->is_map())
    out.artifacts = *found;
  if (const Value* found = resolved.others.find("datasets"); found != nullptr && found->is_list())
    out.datasets = *found;
  return out;
}

PipelineFile read_pipeline_file(const std::string& path, const FlagStyle& style, const FileSource& source) {
  return parse_pipeline_file(source.read(path), path, LockFile::load(lock_path_of(path), source), style, source);
}

std::string lock_path_of(const std::string& pipeline_path) {
  return pipeline_path.substr(0, pipeline_path.rfind('.')) + ".lock";
}

void remove_stage(const std::string& pipeline_path, const std::string& name) {
  const std::string text = files::read(pipeline_path);
  const Value content = parse_yaml(text, pipeline_path);
  const Value* stages = content.find("stages");
  if (stages == nullptr || stages->find(name) == nullptr) {
    throw invalid_argument("cannot remove a parametrized stage '", name, "'; edit '", pipeline_path, "'");
  }
  if (stages->members().size() == 1) {
    ::unlink(pipeline_path.c_str());
  } else {
    files::write_atomic(pipeline_path, erase_in_yaml(text, pipeline_path, {"stages", name}));
  }
}

}  // namespace slipway::data
