#include "domains/data/run_cache.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <vector>

#include "domains/data/lockfile.h"
#include "domains/data/paths.h"
#include "domains/data/scratch.h"
#include "domains/data/yaml.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway::data {

namespace {

std::string digest(const Value& entry) {
  return hash_hex(HashKind::kSha256, python_json(without_keys(entry, {"size", "nfiles"})));
}

}  // namespace

bool RunCache::applies_to(const Stage& stage) {
  if (stage.is_data() || stage.always_changed || stage.outs.empty()) return false;
  if (stage.deps.empty() && stage.params.empty()) return false;
  for (const Dependency& dep : stage.deps) {
    if (dep.outside || dep.record.hash.empty()) return false;
  }
  for (const Output& out : stage.outs) {
    if (out.persist) return false;
  }
  return true;
}

std::string RunCache::key_of(const Value& lock_entry) {
  Value body = lock_entry;
  Value outs = Value::list();
  if (const Value* listed = lock_entry.find("outs")) {
    for (const Value& out : listed->items()) {
      if (const Value* path = out.find("path")) outs.push(*path);
    }
  }
  body.set("outs", std::move(outs));
  return digest(body);
}

std::string RunCache::value_of(const Value& lock_entry) { return digest(lock_entry); }

std::optional<Value> RunCache::find(const Stage& stage) const {
  if (!applies_to(stage)) return std::nullopt;
  const std::string key = key_of(lock_entry(stage));
  const std::string folder = text::concat(store_.root(), "/runs/", key.substr(0, 2), "/", key);
  std::string newest;
  FileStamp newest_stamp;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    struct stat info {};
    if (entry.path().filename().string().size() != 64 || ::stat(entry.path().c_str(), &info) != 0) continue;
    const FileStamp stamp = FileStamp::of(info);
    if (!newest.empty() && stamp.mtime_ns <= newest_stamp.mtime_ns) continue;
    newest = entry.path().string();
    newest_stamp = stamp;
  }
  if (newest.empty()) return std::nullopt;
  try {
    Value found = parse_yaml(files::read(newest), newest);
    if (found.find("cmd") != nullptr) return found;
  } catch (const Error&) {
    // A damaged entry is as good as none; the stage runs and writes it anew.
  }
  std::filesystem::remove(newest);
  return std::nullopt;
}

void RunCache::save(const Stage& stage) const {
  if (!applies_to(stage)) return;
  const Value entry = lock_entry(stage);
  const std::string key = key_of(entry);
  const std::string folder = text::concat(store_.root(), "/runs/", key.substr(0, 2), "/", key);
  const std::string path = folder + "/" + value_of(entry);
  if (files::exists(path)) return;
  store_.create_folders(folder);
  if (!replace_scratch(path, write_yaml(entry))) throw system_error(text::concat("write ", path));
  store_.share_file(path);
}

size_t RunCache::push_to(remotes::RemoteStore& remote) const {
  if (remote.listing() == remotes::Listing::kNone) return 0;
  std::set<std::string> there;
  remote.list("runs", [&](const remotes::FileInfo& file) { return there.insert(file.path).second || true; });
  size_t copied = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store_.root() + "/runs", ignored)) {
    const std::string path = paths::relative(entry.path().string(), store_.root());
    if (!entry.is_regular_file() || there.contains(path)) continue;
    remote.write(path, files::read(entry.path().string()));
    ++copied;
  }
  return copied;
}

size_t RunCache::fetch_from(remotes::RemoteStore& remote) const {
  if (remote.listing() == remotes::Listing::kNone) return 0;
  std::vector<std::string> wanted;
  remote.list("runs", [&](const remotes::FileInfo& file) {
    // A name that somebody else made must not lead out of the cache.
    if (paths::is_safe_relative(file.path) && !files::exists(store_.root() + "/" + file.path)) {
      wanted.push_back(file.path);
    }
    return true;
  });
  for (const std::string& path : wanted) {
    const std::string target = text::concat(store_.root(), "/", path);
    const auto reader = remote.open(path);
    std::string bytes;
    std::string piece(size_t{64} << 10U, '\0');
    while (const size_t got = reader->read(piece.data(), piece.size())) bytes.append(piece, 0, got);
    store_.create_folders(paths::parent(target));
    if (!replace_scratch(target, bytes)) throw system_error(text::concat("write ", target));
    store_.share_file(target);
  }
  return wanted.size();
}

}  // namespace slipway::data
