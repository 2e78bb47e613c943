#include "domains/data/source_repository.h"

#include <sys/stat.h>

#include <algorithm>
#include <mutex>

#include "domains/data/ignore.h"
#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/progress.h"
#include "foundation/git/clone.h"

namespace slipway::data {

namespace {

constexpr int kDeepest = 128;
// The name of a local repository's own cache among its storages; no remote can have it.
constexpr std::string_view kOwnCache = "/";

std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : text::concat(prefix, "/", name);
}

// A branch of the clone is known by its plain name too.
std::string commit_of(const git::Repository& repository, const std::string& rev, const std::string& url) {
  for (const std::string& name : {rev, "refs/remotes/origin/" + rev}) {
    if (auto found = repository.find_commit(name)) return *found;
  }
  throw not_found("failed to find revision '", rev, "' in '", url, "'");
}

// "file:///x" and "x" from `base`; empty when it is no folder here.
std::string local_folder(const std::string& url, const std::string& base) {
  if (url.find("://") != std::string::npos && !url.starts_with("file://")) return "";
  const std::string path = url.starts_with("file://") ? url.substr(7) : paths::join(base, url);
  return paths::is_folder(path) ? path : "";
}

bool is_executable(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & 0111U) != 0;
}

}  // namespace

SourceRepository::~SourceRepository() = default;

SourceRepository::SourceRepository(const std::string& url, const std::string& base, const SourceOptions& options)
    : url_(url), options_(options) {
  open(url, base, options);
}

void SourceRepository::open(const std::string& url, const std::string& base, const SourceOptions& options) {
  const std::string folder = local_folder(url, base);
  const bool is_path = url.find("://") == std::string::npos && url.find('@') == std::string::npos;
  if (folder.empty() && is_path) throw not_found("Failed to clone repo '", url, "': no such folder");
  if (!folder.empty()) {
    git_ = git::Repository::find(folder);
    if (!git_ && !paths::is_folder(folder + "/.dvc")) throw not_found("'", url, "' is no Git repository");
    // What lies in the folder now is taken as it is.
    if (options.rev.empty() && paths::is_folder(folder + "/.dvc")) {
      files_ = &disk();
      root_ = folder;
      if (git_) commit_ = git_->find_commit("HEAD").value_or("");
      return;
    }
  } else {
    clone_ = std::make_unique<files::TemporaryFolder>("slipway-clone");
    git::clone(url, clone_->path());
    git_ = std::make_unique<git::Repository>(clone_->path());
  }
  commit_ = commit_of(*git_, options.rev.empty() ? "HEAD" : options.rev, url);
  root_ = git_->work_folder().empty() ? git_->git_folder() : git_->work_folder();
  commit_files_ = std::make_unique<CommitFiles>(*git_, commit_, root_);
  files_ = commit_files_.get();
}

void SourceRepository::load_data(const std::string& folder) {
  std::string at = folder;
  while (at.size() > root_.size() && !files_->is_folder(at + "/.dvc")) at = paths::parent(at);
  if (at == data_root_) return;
  data_root_ = at;
  storages_.clear();
  index_ = StageIndex();
  outputs_.clear();
  config_ = Config::load(data_root_ + "/.dvc", *files_, options_.config);
  // A clone of a folder has neither its local settings nor its cache.
  const bool on_disk = !clone_ && paths::is_folder(data_root_ + "/.dvc");
  if (on_disk && files_ != &disk()) config_ = Config::load(data_root_ + "/.dvc", disk(), options_.config);
  cache_ = on_disk ? config_.folder("cache", "dir").value_or(data_root_ + "/.dvc/cache") : "";
  if (!files_->is_folder(data_root_ + "/.dvc")) return;
  IgnoreTree ignores(data_root_, ".dvcignore", IgnoreRules::kDvc, {".hg/", ".git/", ".git", ".dvc/"}, *files_);
  index_ = StageIndex::load(data_root_, ignores, {}, *files_);
  for (const Stage& stage : index_.stages()) {
    for (const Output& output : stage.outs) {
      if (output.cache) outputs_.insert(output.absolute);
    }
  }
}

const RemoteObjects& SourceRepository::storage(const std::string& wanted) {
  auto& out = storages_[wanted];
  if (out) return *out;
  RemoteSettings settings;
  if (wanted == kOwnCache) {
    settings = {wanted, cache_, {}};
  } else {
    std::string name = !options_.remote.empty() ? options_.remote : wanted;
    if (name.empty()) name = config_.default_remote().value_or("");
    const auto found = name.empty() ? std::nullopt : config_.find_remote(name);
    if (!found && options_.remote_options.empty()) {
      throw not_found("'", url_, "' has no remote", name.empty() ? "" : " '" + name + "'",
                      " that its data could be brought from");
    }
    if (found) settings = *found;
    settings.name = name;
    for (const auto& [key, value] : options_.remote_options) {
      settings.options[key] = value;
      if (key == "url") settings.url = value;
    }
  }
  out = std::make_unique<RemoteObjects>(settings, transfer_jobs(settings, options_.jobs));
  return *out;
}

Tree SourceRepository::read_tree(const Output& output) {
  const ObjectName name{output.record.hash, output.record.kind()};
  if (!cache_.empty() && storage(std::string(kOwnCache)).contains(name)) {
    return storage(std::string(kOwnCache)).read_tree(name);
  }
  return storage(output.remote).read_tree(name);
}

void SourceRepository::add_git_files(const std::string& folder, const std::string& prefix, SourceTree& out) const {
  if (std::count(prefix.begin(), prefix.end(), '/') > kDeepest) return;
  const FileSource::Listing found = files_->list(folder);
  for (const std::string& name : found.files) {
    const std::string path = paths::join(folder, name);
    // On disk, outputs lie between the files of Git; they are listed as such.
    if (outputs_.contains(path)) continue;
    SourceFile file;
    file.path = joined(prefix, name);
    file.executable = files_ == &disk() && is_executable(path);
    out.files.push_back(std::move(file));
  }
  for (const std::string& name : found.folders) {
    const std::string path = paths::join(folder, name);
    if (name != ".git" && name != ".dvc" && !outputs_.contains(path)) add_git_files(path, joined(prefix, name), out);
  }
}

void SourceRepository::add_output(const Output& output, const std::string& path, SourceTree& out) {
  const Record& record = output.record;
  const bool exact = output.absolute == path;
  const std::string prefix =
      paths::inside(output.absolute, path) && !exact ? paths::relative(output.absolute, path) : "";
  const std::string within =
      paths::inside(path, output.absolute) && !exact ? paths::relative(path, output.absolute) : "";
  if (exact) out.record = record;
  if (within.empty()) out.outputs.push_back(prefix);
  const auto add = [&](const std::string& name, const std::string& hash, std::optional<uint64_t> size) {
    SourceFile file;
    file.path = name;
    file.object = ObjectName{hash, record.kind()};
    file.executable = !record.is_folder() && record.executable;
    file.is_output = true;
    file.size = size;
    out.files.push_back(std::move(file));
  };
  if (!record.is_folder()) {
    if (within.empty()) add(prefix, record.hash, record.size);
    return;
  }
  if (within.empty()) out.is_folder = true;
  for (const TreeEntry& entry : read_tree(output).entries) {
    if (within.empty()) {
      add(joined(prefix, entry.path), entry.md5, std::nullopt);
    } else if (entry.path == within) {
      add("", entry.md5, std::nullopt);
    } else if (paths::inside(entry.path, within)) {
      out.is_folder = true;
      add(entry.path.substr(within.size() + 1), entry.md5, std::nullopt);
    }
  }
}

SourceTree SourceRepository::find(const std::string& path, bool outputs_only) {
  const std::string full = paths::join(root_, path.starts_with('/') ? path.substr(1) : path);
  if (!paths::inside(full, root_)) throw invalid_argument("'", path, "' is outside of the repository '", url_, "'");
  load_data(full);
  SourceTree out;
  for (const Stage& stage : index_.stages()) {
    for (const Output& output : stage.outs) {
      if (!output.cache || output.record.hash.empty() || !paths::overlap(output.absolute, full)) continue;
      add_output(output, full, out);
    }
  }
  const bool is_tracked = out.record.hash.empty() && !out.files.empty() && out.outputs.empty();
  if (out.record.hash.empty() && !is_tracked && !outputs_only) {
    if (files_->is_folder(full)) {
      out.is_folder = true;
      add_git_files(full, "", out);
    } else if (files_->exists(full)) {
      SourceFile file;
      file.executable = files_ == &disk() && is_executable(full);
      out.files.push_back(std::move(file));
    }
  }
  if (!out.outputs.empty() && out.record.hash.empty()) out.is_folder = true;
  if (out.files.empty() && !out.is_folder) {
    throw not_found("The path '", path, "' does not exist in the target repository '", url_,
                    outputs_only ? "' as an DVC output." : "' neither as a DVC output nor as a Git-tracked file.");
  }
  std::sort(out.files.begin(), out.files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return out;
}

std::string SourceRepository::own_remote(const std::string& path) const {
  const Stage* owner = index_.find_owner(path);
  if (owner == nullptr) return "";
  for (const Output& output : owner->outs) {
    if (paths::overlap(path, output.absolute)) return output.remote;
  }
  return "";
}

std::string SourceRepository::read(const std::string& path, const SourceFile& file) const {
  const std::string full = paths::join(paths::join(root_, path), file.path);
  auto found = files_->find(full);
  if (!found) throw not_found("'", joined(path, file.path), "' cannot be read in '", url_, "'");
  return *found;
}

Record SourceRepository::keep(const std::string& path, const SourceTree& tree, const ObjectStore& store) {
  const std::string full = paths::join(root_, path);
  std::vector<std::string> remotes;
  for (const SourceFile& file : tree.files) {
    remotes.push_back(file.object ? own_remote(paths::join(full, file.path)) : "");
  }
  std::vector<std::string> hashes(tree.files.size());
  std::vector<uint64_t> sizes(tree.files.size());
  Progress progress(text::concat("Importing ", path), tree.files.size());
  RemoteSettings any;
  parallel_for(
      tree.files.size(), transfer_jobs(any, options_.jobs),
      [&](size_t i) {
        const SourceFile& file = tree.files[i];
        if (!file.object) {
          // A Git repository is read by one thread at a time.
          const std::string bytes = [&] {
            const std::lock_guard lock(opening_);
            return read(path, file);
          }();
          hashes[i] = hash_hex(HashKind::kMd5, bytes);
          store.put(hashes[i], bytes);
          sizes[i] = bytes.size();
        } else {
          bring(*file.object, remotes[i], store);
          hashes[i] = file.object->hash;
          const std::string object = store.path_of(hashes[i], file.object->kind);
          // DVC 2 hashed text with other line ends; the content gets its present name.
          if (file.object->kind == ObjectKind::kLegacy) hashes[i] = store.put_file(object).md5;
          struct stat info {};
          if (::stat(object.c_str(), &info) == 0) sizes[i] = static_cast<uint64_t>(info.st_size);
        }
        progress.add();
      },
      1);
  Record out = tree.record;
  uint64_t total = 0;
  for (const uint64_t size : sizes) total += size;
  if (!tree.is_folder) {
    if (hashes.empty()) throw not_found("'", path, "' has no content");
    out = Record();
    out.hash = hashes.front();
    out.size = total;
    return out;
  }
  Tree kept;
  for (size_t i = 0; i < tree.files.size(); ++i) kept.entries.push_back({tree.files[i].path, hashes[i]});
  kept.sort();
  out = Record();
  out.hash = kept.hash();
  out.size = total;
  out.file_count = kept.entries.size();
  store.put(out.hash, kept.write());
  return out;
}

void SourceRepository::bring(const ObjectName& name, const std::string& remote, const ObjectStore& store) {
  if (store.contains(name.hash, name.kind)) return;
  const auto place = [&](const std::string& wanted) -> const RemoteObjects& {
    const std::lock_guard lock(opening_);
    return storage(wanted);
  };
  const auto no_matter = [](uint64_t) {};
  if (!cache_.empty()) {
    try {
      return place(std::string(kOwnCache)).receive(store, name, no_matter);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kDataLoss) throw;
    }
  }
  place(remote).receive(store, name, no_matter);
}

std::string SourceRepository::storage_url(const std::string& path) {
  const SourceTree tree = find(path, true);
  const std::string full = paths::join(root_, path);
  const std::string hash = tree.record.hash.empty() ? tree.files.front().object->hash : tree.record.hash;
  const ObjectKind kind = tree.files.empty() ? tree.record.kind() : tree.files.front().object->kind;
  const std::string remote = own_remote(full);
  const bool has_remote = !options_.remote.empty() || !remote.empty() || config_.default_remote();
  return storage(has_remote ? remote : std::string(kOwnCache)).store().url(object_path({hash, kind}));
}

}  // namespace slipway::data
