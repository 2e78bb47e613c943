#include "domains/data/imports.h"

#include <filesystem>

#include "domains/data/checkout.h"
#include "domains/data/dvcfile.h"
#include "domains/data/paths.h"
#include "domains/data/remote.h"
#include "domains/data/remote_options.h"
#include "domains/data/selection.h"
#include "domains/data/source_url.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

std::string last_name(const std::string& from) {
  const size_t mark = from.find("://");
  std::string path = mark == std::string::npos ? from : from.substr(std::min(from.find('/', mark + 3), from.size()));
  path = path.substr(0, mark == std::string::npos ? path.size() : std::min(path.find('?'), path.size()));
  std::string name = paths::name(paths::clean(path));
  if (name.empty() || name == "." || name == "..") {
    throw invalid_argument("'", from, "' has no name to be kept under; give one");
  }
  return name;
}

Stage new_import(Repository& repository, const std::string& target) {
  if (!paths::inside(target, repository.root()) || target == repository.root()) {
    throw invalid_argument("'", target, "' is outside of the repository ", repository.root());
  }
  const StageIndex index = repository.load_index();
  const std::string file = target + ".dvc";
  if (const Stage* owner = index.find_owner(target); owner != nullptr && owner->file != file) {
    throw failed_precondition("output '", repository.shown(target), "' is already specified in stage: '",
                              owner->address(repository.seen_from()), "'.");
  }
  Stage out;
  out.file = file;
  out.folder = paths::parent(target);
  out.frozen = true;
  out.deps.emplace_back();
  Output output;
  output.path = paths::name(target);
  output.absolute = target;
  out.outs.push_back(std::move(output));
  return out;
}

// The fields of the file in DVC's order; the hash over them is left out when nothing was looked at.
void describe(Stage& stage, Value dep, bool with_hash) {
  Value content = Value::map();
  if (with_hash) content.set("md5", Value::string(""));
  content.set("frozen", Value::boolean(true));
  content.set("deps", Value::list());
  content.find("deps")->push(std::move(dep));
  stage.source = std::move(content);
}

void replace_in_workspace(Repository& repository, const Output& output) {
  std::filesystem::remove_all(output.absolute);
  files::create_folders(paths::parent(output.absolute));
  restore_output(repository, output);
}

void save(Repository& repository, const Stage& stage) {
  files::create_folders(paths::parent(stage.file));
  write_dvc_file(stage);
  for (const Output& output : stage.outs) repository.ignore(output.absolute);
  repository.note_changed(stage.file);
}

// A remote together with options over its own is written as the configuration that says so.
Value config_of(const std::string& remote, Value options) {
  Value core = Value::map();
  core.set("remote", Value::string(remote));
  Value remotes = Value::map();
  remotes.set(remote, std::move(options));
  Value out = Value::map();
  out.set("core", std::move(core));
  out.set("remote", std::move(remotes));
  return out;
}

Value dep_of(const std::string& path, const std::string& url, const SourceOptions& source, const std::string& commit) {
  Value repo = Value::map();
  repo.set("url", Value::string(url));
  if (!source.rev.empty()) repo.set("rev", Value::string(source.rev));
  if (!commit.empty()) repo.set("rev_lock", Value::string(commit));
  if (!source.config.empty()) repo.set("config", Value::string(source.config));
  if (!source.remote_options.empty()) {
    Value options = Value::map();
    for (const auto& [key, value] : source.remote_options) options.set(key, Value::string(value));
    if (source.remote.empty()) {
      repo.set("remote", std::move(options));
    } else if (source.config.empty()) {
      repo.set("config", config_of(source.remote, std::move(options)));
    } else {
      throw invalid_argument("Can't specify config path together with both remote and remote_config");
    }
  } else if (!source.remote.empty()) {
    repo.set("remote", Value::string(source.remote));
  }
  Value dep = Value::map();
  dep.set("path", Value::string(path));
  dep.set("repo", std::move(repo));
  return dep;
}

std::string text_in(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found == nullptr || !found->is_string() ? "" : found->text();
}

const Value& first_dep(const Stage& stage) {
  const Value* deps = stage.source.find("deps");
  if (deps == nullptr || deps->items().empty()) throw data_loss("'", stage.file, "' does not say where it came from");
  return deps->items().front();
}

std::map<std::string, std::string> texts_of(const Value* map) {
  std::map<std::string, std::string> out;
  if (map == nullptr || !map->is_map()) return out;
  for (const Member& member : map->members()) out[member.key] = plain_text(member.value);
  return out;
}

// The source that a .dvc file names; with `rev` at that revision, else at the recorded one.
SourceRepository open_source(const Stage& stage, const std::optional<std::string>& rev, size_t jobs) {
  const Value& repo = *first_dep(stage).find("repo");
  SourceOptions options;
  options.jobs = jobs;
  const std::string locked = text_in(repo, "rev_lock");
  options.rev = rev ? *rev : locked.empty() ? text_in(repo, "rev") : locked;
  options.config = text_in(repo, "config");
  options.remote = text_in(repo, "remote");
  options.remote_options = texts_of(repo.find("remote"));
  if (const Value* config = repo.find("config"); config != nullptr && config->is_map()) {
    const Value* core = config->find("core");
    const Value* remotes = config->find("remote");
    if (core != nullptr && core->is_map()) options.remote = text_in(*core, "remote");
    if (remotes != nullptr && remotes->is_map()) options.remote_options = texts_of(remotes->find(options.remote));
  }
  return {text_in(repo, "url"), stage.folder, options};
}

SourceUrl open_url(Repository& repository, const Stage& stage, size_t jobs) {
  return {text_in(first_dep(stage), "path"), &repository.config(), stage.folder,
          texts_of(first_dep(stage).find("fs_config")), jobs};
}

// Its source has been looked at now.
void add_hash(Stage& stage) {
  if (stage.source.find("md5") != nullptr) return;
  Value content = Value::map();
  content.set("md5", Value::string(""));
  for (const Member& member : stage.source.members()) content.set(member.key, member.value);
  stage.source = std::move(content);
}

// Without what it was found under and how it is stored.
Value identity_part(const Value& dep) { return without_keys(dep, {"path", "fs_config", "isexec"}); }

Value with_place(Value identity, const Value& dep) {
  identity.set("path", Value::string(text_in(dep, "path")));
  if (const Value* config = dep.find("fs_config")) identity.set("fs_config", *config);
  return identity;
}

}  // namespace

std::string destination_of(const std::string& from, const std::string& out, const std::string& base, bool force) {
  std::string path = out.empty() ? last_name(from) : out;
  if (!out.empty() && paths::is_folder(paths::join(base, out)))
    path = out + (out.ends_with('/') ? "" : "/") + last_name(from);
  std::string full = paths::join(base, path);
  if (!force && files::exists(full)) {
    throw already_exists("The ", paths::is_folder(full) ? "directory" : "file", " '", path,
                         "' already exists locally. \nTo override it, re-run with '--force'.");
  }
  return full;
}

std::string import_from_repository(Repository& repository, const std::string& url, const std::string& path,
                                   const SourceOptions& source, const ImportOptions& options) {
  const RepositoryLock lock = repository.lock();
  Stage stage = new_import(repository, destination_of(path, options.out, repository.seen_from(), options.force));
  if (options.depth == ImportDepth::kNoExec) {
    describe(stage, dep_of(path, url, source, ""), false);
    save(repository, stage);
    return repository.shown(stage.file);
  }
  SourceRepository from(url, repository.seen_from(), source);
  const SourceTree tree = from.find(path);
  describe(stage, dep_of(path, url, source, from.commit()), true);
  if (options.depth == ImportDepth::kAll) {
    stage.outs.front().record = from.keep(path, tree, repository.store());
    replace_in_workspace(repository, stage.outs.front());
  }
  save(repository, stage);
  return repository.shown(stage.file);
}

std::string import_from_url(Repository& repository, const std::string& url, const ImportOptions& options) {
  const RepositoryLock lock = repository.lock();
  if (options.to_remote && options.depth != ImportDepth::kAll) {
    throw invalid_argument("--no-exec/--no-download/--version-aware cannot be combined with --to-remote");
  }
  if (!options.to_remote && !options.remote.empty()) {
    throw invalid_argument("--remote can't be used without --to-remote");
  }
  Stage stage = new_import(repository, destination_of(url, options.out, repository.seen_from(), options.force));
  // A folder is written as it is seen from the .dvc file.
  const bool is_relative = is_local_url(url) && !url.starts_with('/');
  const std::string path = is_relative ? paths::relative(paths::join(repository.seen_from(), url), stage.folder) : url;
  Value place = Value::map();
  place.set("path", Value::string(path));
  if (!options.storage.empty()) {
    Value config = Value::map();
    for (const auto& [key, value] : options.storage) config.set(key, Value::string(value));
    place.set("fs_config", std::move(config));
  }
  if (options.depth == ImportDepth::kNoExec) {
    Value nothing = Value::map();
    nothing.set("hash", Value::string("md5"));
    describe(stage, with_place(nothing, place), false);
    save(repository, stage);
    return repository.shown(stage.file);
  }
  SourceUrl from(url, &repository.config(), repository.seen_from(), options.storage, options.jobs);
  const auto quick = options.depth == ImportDepth::kNoDownload ? from.quick_identity() : std::nullopt;
  const Record record = quick ? Record() : from.keep(repository.store());
  describe(stage, with_place(quick ? *quick : from.identity(record), place), true);
  if (options.depth == ImportDepth::kAll) stage.outs.front().record = record;
  if (options.to_remote) {
    send_record(repository, record, repository.shown(stage.outs.front().absolute), {options.remote, options.jobs});
  } else if (options.depth == ImportDepth::kAll) {
    replace_in_workspace(repository, stage.outs.front());
  }
  save(repository, stage);
  return repository.shown(stage.file);
}

Record fetch_import(Repository& repository, const Stage& stage, size_t jobs) {
  const Value& dep = first_dep(stage);
  if (dep.find("repo") == nullptr) return open_url(repository, stage, jobs).keep(repository.store());
  SourceRepository from = open_source(stage, std::nullopt, jobs);
  const std::string path = text_in(dep, "path");
  return from.keep(path, from.find(path), repository.store());
}

namespace {

// What --no-exec left out: the version of the source.
void look_at_source(Repository& repository, Stage& stage, const Record& record) {
  Value& dep = stage.source.find("deps")->items().front();
  if (Value* repo = dep.find("repo")) {
    repo->set("rev_lock", Value::string(open_source(stage, text_in(*repo, "rev"), 0).commit()));
  } else {
    dep = with_place(open_url(repository, stage, 0).identity(record), dep);
  }
  add_hash(stage);
}

}  // namespace

void record_import(Repository& repository, Stage stage, const Record& record) {
  stage.outs.front().record = record;
  if (stage.source.find("md5") == nullptr) look_at_source(repository, stage, record);
  save(repository, stage);
}

namespace {

bool update_from_repository(Repository& repository, Stage& stage, const UpdateOptions& options) {
  if (options.to_remote) {
    throw invalid_argument("Data imported from other DVC or Git repositories can't be updated with --to-remote");
  }
  Value& repo = *stage.source.find("deps")->items().front().find("repo");
  const std::string rev = options.rev.empty() ? text_in(repo, "rev") : options.rev;
  SourceRepository from = open_source(stage, rev, options.jobs);
  const bool is_partial = stage.outs.front().record.hash.empty();
  if (from.commit() == text_in(repo, "rev_lock") && rev == text_in(repo, "rev") && !is_partial) return false;
  const std::string path = text_in(first_dep(stage), "path");
  const SourceTree tree = from.find(path);
  if (!options.rev.empty()) {
    // `rev` stands before `rev_lock`.
    Value ordered = Value::map();
    for (const Member& member : repo.members()) {
      if (member.key == "rev_lock" && repo.find("rev") == nullptr) ordered.set("rev", Value::string(rev));
      ordered.set(member.key, member.value);
    }
    ordered.set("rev", Value::string(rev));
    repo = std::move(ordered);
  }
  repo.set("rev_lock", Value::string(from.commit()));
  Output& output = stage.outs.front();
  if (options.no_download) {
    output.record = Record();
    return true;
  }
  output.record = from.keep(path, tree, repository.store());
  return true;
}

bool update_from_url(Repository& repository, Stage& stage, const UpdateOptions& options) {
  if (!options.rev.empty()) throw invalid_argument("--rev can't be used with what came from a URL");
  SourceUrl from = open_url(repository, stage, options.jobs);
  Value& dep = stage.source.find("deps")->items().front();
  Output& output = stage.outs.front();
  const bool is_partial = output.record.hash.empty();
  const auto quick = from.quick_identity();
  if (quick && *quick == identity_part(dep) && !is_partial) return false;
  const Record record = quick && options.no_download ? Record() : from.keep(repository.store());
  const Value now = quick ? *quick : from.identity(record);
  if (now == identity_part(dep) && !is_partial) return false;
  dep = with_place(now, dep);
  output.record = options.no_download ? Record() : record;
  if (options.to_remote) {
    send_record(repository, record, repository.shown(output.absolute), {options.remote, options.jobs});
  }
  return true;
}

}  // namespace

std::vector<Updated> update_imports(Repository& repository, const std::vector<std::string>& targets,
                                    const UpdateOptions& options) {
  if (options.to_remote && options.no_download) {
    throw invalid_argument("--to-remote can't be used with --no-download");
  }
  if (!options.to_remote && !options.remote.empty()) {
    throw invalid_argument("--remote can't be used without --to-remote");
  }
  const RepositoryLock lock = repository.lock();
  StageIndex index = repository.load_index();
  Selection selection;
  selection.targets = targets;
  selection.recursive = options.recursive;
  std::vector<Updated> out;
  for (const size_t i : select_stages(repository, index, selection)) {
    Stage& stage = index.stages()[i];
    const std::string shown = repository.shown(stage.file);
    if (!stage.is_import()) {
      if (options.recursive) continue;
      throw invalid_argument("'", shown, "' was not imported, so it cannot be updated");
    }
    const bool is_repository = first_dep(stage).find("repo") != nullptr;
    const bool changed = is_repository ? update_from_repository(repository, stage, options)
                                       : update_from_url(repository, stage, options);
    if (changed && !options.no_download && !options.to_remote) replace_in_workspace(repository, stage.outs.front());
    if (changed) {
      add_hash(stage);
      save(repository, stage);
    }
    out.push_back({shown, changed});
  }
  return out;
}

}  // namespace slipway::data
