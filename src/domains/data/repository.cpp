#include "domains/data/repository.h"

#include <algorithm>
#include <filesystem>

#include "domains/data/dvcfile.h"
#include "domains/data/lockfile.h"
#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway::data {

namespace {

constexpr std::string_view kIgnoreFile =
    "# Add patterns of files dvc should ignore, which could improve\n"
    "# the performance. Learn more at\n"
    "# https://dvc.org/doc/user-guide/dvcignore\n";

const std::vector<std::string>& always_ignored() {
  static const std::vector<std::string> patterns = {".hg/", ".git/", ".git", ".dvc/"};
  return patterns;
}

void stage_in_git(const GitFolder& git, const std::vector<std::string>& changed) {
  std::vector<std::string> names;
  for (const std::string& path : changed) names.push_back(paths::relative(path, git.root()));
  git::Repository(git.root()).stage(names);
}

// A path that a version file names, below `folder`.
std::string below(const std::string& folder, const std::string& file, const std::string& wdir,
                  const std::string& path) {
  std::string target = paths::join(paths::join(paths::join(folder, paths::parent(file)), wdir), path);
  if (!paths::inside(target, folder) || target == folder) {
    throw invalid_argument("'", file, "' names '", path, "', which is outside of the repository");
  }
  return target;
}

struct Placement {
  std::string target;
  Record record;
};

std::vector<Placement> placements_of(const VersionFile& file, const std::string& folder) {
  std::vector<Placement> out;
  const std::string at = paths::join(folder, file.path);
  if (file.path.ends_with(".dvc")) {
    const Stage stage = parse_dvc_file(file.text, at);
    for (const Output& output : stage.outs) {
      out.push_back(
          {below(folder, file.path, paths::relative(stage.folder, paths::parent(at)), output.path), output.record});
    }
    return out;
  }
  const LockFile lock = LockFile::parse(file.text, at);
  for (const std::string& name : lock.stages()) {
    const Value* outs = lock.find(name)->find("outs");
    if (outs == nullptr) continue;
    for (const Value& entry : outs->items()) {
      const Value* path = entry.find("path");
      if (path != nullptr) out.push_back({below(folder, file.path, ".", path->text()), Record::from(entry)});
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> Repository::discover(const std::string& folder) {
  for (std::string at = folder;; at = paths::parent(at)) {
    if (paths::is_folder(at + "/.dvc")) return at;
    if (at == "/" || at == ".") return std::nullopt;
  }
}

void Repository::create(const std::string& folder, const CreateOptions& options) {
  const std::string dvc = folder + "/.dvc";
  const auto git = options.scm ? GitFolder::find(folder) : nullptr;
  if (options.scm && !git) {
    throw failed_precondition(
        "failed to initiate DVC - ", folder,
        " is not tracked by any supported SCM tool (e.g. Git). Use `--no-scm` if you don't want to "
        "use any SCM or `--subdir` if initializing inside a subdirectory of a parent SCM repository.");
  }
  if (git && git->root() != folder && !options.subdir) {
    throw failed_precondition(
        "failed to initiate DVC - ", folder,
        " is not the root of its Git repository. Use `--subdir` to initialize inside a subdirectory.");
  }
  if (paths::is_folder(dvc)) {
    if (!options.force) throw already_exists("failed to initiate DVC - '.dvc' exists. Use `-f` to force.");
    std::filesystem::remove_all(dvc);
  }
  files::create_folders(dvc + "/tmp");
  files::write_atomic(dvc + "/config", options.scm ? "" : "[core]\n    no_scm = True\n");
  files::write_atomic(dvc + "/.gitignore", "/config.local\n/tmp\n/cache\n");
  // Its time marks when the repository was made, which DVC takes into the name of its own caches.
  files::write_atomic(dvc + "/tmp/btime", "");
  if (!files::exists(folder + "/.dvcignore")) files::write_atomic(folder + "/.dvcignore", kIgnoreFile);
  if (git) stage_in_git(*git, {dvc + "/.gitignore", dvc + "/config", folder + "/.dvcignore"});
}

Repository::Repository(std::string root, const std::string& seen_from)
    : root_(std::move(root)),
      seen_from_(seen_from.empty() ? root_ : seen_from),
      config_(Config::load(root_ + "/.dvc")),
      shared_links_(root_, config_) {
  const std::string cache = config_.folder("cache", "dir").value_or(dvc_folder() + "/cache");
  store_ = std::make_unique<ObjectStore>(cache, config_.get("cache", "shared") == "group");
  links_ = parse_link_kinds(config_.get("cache", "type").value_or("reflink,copy"));
  if (!config_.get_bool("core", "no_scm", false)) git_ = GitFolder::find(root_);
  state_ = std::make_unique<HashState>(dvc_folder() + "/tmp/slipway-state");
  ignores_ = std::make_unique<IgnoreTree>(root_, ".dvcignore", IgnoreRules::kDvc, always_ignored());
}

Repository::~Repository() { state_->save(); }

FlagStyle Repository::flag_style() const {
  FlagStyle out;
  out.negative_flags = config_.get("parsing", "bool") == "boolean_optional";
  out.repeat_list_flag = config_.get("parsing", "list") == "append";
  return out;
}

StageIndex Repository::load_index() { return StageIndex::load(root_, *ignores_, flag_style()); }

git::Repository& Repository::history() {
  if (!git_) throw failed_precondition("Git is not used here, so there are no other versions");
  if (!history_) history_ = std::make_unique<git::Repository>(git_->root());
  return *history_;
}

CommitFiles Repository::files_of(const std::string& commit) {
  const git::Repository& repository = history();
  return {repository, commit, git_->root()};
}

StageIndex Repository::load_index(const std::string& commit) {
  const CommitFiles files = files_of(commit);
  if (!files.is_folder(dvc_folder())) return {};
  IgnoreTree ignores(root_, ".dvcignore", IgnoreRules::kDvc, always_ignored(), files);
  return StageIndex::load(root_, ignores, flag_style(), files);
}

std::optional<Fingerprint> Repository::look(const std::string& path, const Record& record) {
  ScanOptions options;
  options.kind = record.kind();
  return scanner().scan(path, options);
}

void Repository::ignore(const std::string& path) {
  if (git_ && git_->ignore(path)) note_changed(paths::join(paths::parent(path), ".gitignore"));
}

void Repository::stop_ignoring(const std::string& path) {
  if (git_ && git_->stop_ignoring(path)) note_changed(paths::join(paths::parent(path), ".gitignore"));
}

void Repository::note_changed(const std::string& path) {
  if (std::find(changed_files_.begin(), changed_files_.end(), path) == changed_files_.end())
    changed_files_.push_back(path);
}

std::set<std::string> Repository::placed() const {
  std::set<std::string> out = shared_links_.read();
  for (const std::string& path : struck_links_) out.erase(path);
  out.insert(state_->links().begin(), state_->links().end());
  return out;
}

void Repository::note_placed(const std::string& path) {
  const std::string name = paths::relative(path, root_);
  state_->links().insert(name);
  entered_links_.insert(name);
  struck_links_.erase(name);
}

void Repository::forget_placed(const std::string& path) {
  const std::string name = paths::relative(path, root_);
  state_->links().erase(name);
  entered_links_.erase(name);
  struck_links_.insert(name);
}

void Repository::share_links() {
  shared_links_.update(entered_links_, struck_links_,
                       [this](const std::string& path) { return scanner().files(path); });
  entered_links_.clear();
  struck_links_.clear();
}

std::vector<std::string> Repository::finish() {
  share_links();
  state_->save();
  std::vector<std::string> out;
  if (!git_ || changed_files_.empty()) return out;
  if (config_.get_bool("core", "autostage", false)) {
    stage_in_git(*git_, changed_files_);
  } else {
    for (const std::string& path : changed_files_) out.push_back(paths::relative(path, seen_from_));
  }
  changed_files_.clear();
  return out;
}

std::vector<VersionFile> Repository::snapshot() {
  std::vector<std::string> files;
  const StageIndex index = load_index();
  for (const Stage& stage : index.stages()) {
    const bool pipeline = !stage.name.empty();
    files.push_back(pipeline ? stage.file.substr(0, stage.file.rfind('.')) + ".lock" : stage.file);
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::vector<VersionFile> out;
  for (const std::string& path : files) {
    if (files::exists(path)) out.push_back({paths::relative(path, root_), files::read(path)});
  }
  return out;
}

std::string Repository::data_commit() {
  Hasher hasher(HashKind::kSha256);
  for (const VersionFile& file : snapshot()) {
    hasher.update(text::concat(file.path, '\0', file.text.size(), '\0', file.text));
  }
  const auto commit = git_ ? history().find_commit("HEAD") : std::nullopt;
  hasher.update(text::concat("git ", commit.value_or("none")));
  return hasher.finish_hex();
}

std::vector<std::string> Repository::materialize(const std::vector<VersionFile>& snapshot, const std::string& folder) {
  std::vector<Placement> single;
  std::vector<std::string> missing;
  for (const VersionFile& file : snapshot) {
    for (const Placement& placement : placements_of(file, folder)) {
      if (placement.record.hash.empty()) continue;
      const std::string shown = paths::relative(placement.target, folder);
      if (!store_->contains(placement.record.hash, placement.record.kind())) {
        if (!file.path.ends_with(".dvc")) {
          missing.push_back(shown);
          continue;
        }
        throw not_found("the cache lacks '", shown, "' (", placement.record.hash, "); bring it with `slipway fetch`");
      }
      if (!placement.record.is_folder()) {
        single.push_back(placement);
        continue;
      }
      files::create_folders(placement.target);
      for (const TreeEntry& entry : store_->read_tree(placement.record.hash, placement.record.kind()).entries) {
        Record record = placement.record;
        record.hash = entry.md5;
        record.executable = false;
        single.push_back({placement.target + "/" + entry.path, record});
      }
    }
  }
  for (const Placement& placement : single) files::create_folders(paths::parent(placement.target));
  // Copies, so that whatever runs there cannot change the cache.
  parallel_for(single.size(), default_jobs(), [&](size_t i) {
    const Record& record = single[i].record;
    store_->place(record.hash, single[i].target, {LinkKind::kReflink, LinkKind::kCopy}, record.executable,
                  record.kind());
  });
  return missing;
}

}  // namespace slipway::data
