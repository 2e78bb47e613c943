#include "domains/data/remote_objects.h"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>

#include "domains/data/parallel.h"
#include "domains/data/tree.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::data {

namespace {

// Up to this size an object is read at once, and hashed before it goes out.
constexpr uint64_t kWholeBytes = uint64_t{1} << 20U;
// Below this many names, asking for each is as good as anything.
constexpr size_t kFewNames = 16;
// Folders of the layout, by the first two digits of the hash.
constexpr size_t kFolders = 256;
// An object store gives so many names in one answer.
constexpr size_t kNamesPerAnswer = 1000;

std::string folder_of(ObjectKind kind, std::string_view digits) {
  return text::concat(kind == ObjectKind::kLegacy ? "" : "files/md5/", digits);
}

// Data lies under its own names on a cloud-versioned remote, not under hashes: what went there as objects would be
// found by nobody.
std::unique_ptr<remotes::RemoteStore> open_plain(const RemoteSettings& settings, size_t jobs) {
  for (const char* option : {"version_aware", "worktree"}) {
    const auto set = settings.options.find(option);
    if (set == settings.options.end() || text::parse_bool(set->second) == false) continue;
    throw Error(ErrorCode::kUnimplemented,
                text::concat("remote '", settings.name, "' is cloud-versioned (", option, " = ", set->second,
                             "), which Slipway does not support. Nothing was moved. Use dvc with this remote, or "
                             "another remote with -r <name>"));
  }
  return remotes::open_remote({settings.url, settings.options, jobs});
}

}  // namespace

std::string object_path(const ObjectName& name) {
  if (!is_object_hash(name.hash)) throw data_loss("'", name.hash, "' is not the hash of an object");
  return text::concat(folder_of(name.kind, name.hash.substr(0, 2)), "/", name.hash.substr(2));
}

size_t transfer_jobs(const RemoteSettings& settings, size_t wanted) {
  size_t jobs = wanted;
  if (const auto set = settings.options.find("jobs"); jobs == 0 && set != settings.options.end()) {
    const auto number = text::parse_int(set->second);
    if (!number || *number < 1) {
      throw invalid_argument("config file error: 'jobs' of remote '", settings.name, "' must be a number");
    }
    jobs = static_cast<size_t>(*number);
  }
  if (jobs == 0) jobs = default_jobs() * 4;
  // Each transfer holds a file, a draft and a connection; the rest of the program needs some too.
  rlimit limit{};
  size_t most = 256;
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) most = std::min<size_t>(most, limit.rlim_cur / 4);
  return std::clamp<size_t>(jobs, 1, std::max<size_t>(most, 1));
}

RemoteObjects::RemoteObjects(const RemoteSettings& settings, size_t jobs)
    : name_(settings.name), jobs_(jobs), store_(open_plain(settings, jobs)) {}

bool RemoteObjects::contains(const ObjectName& name) const { return store_->find(object_path(name)).has_value(); }

std::set<ObjectName> RemoteObjects::existing(const std::vector<ObjectName>& names) const {
  return is_listing_cheaper(names) ? list_for(names) : ask_each(names);
}

bool RemoteObjects::is_listing_cheaper(const std::vector<ObjectName>& names) const {
  if (names.size() <= kFewNames || store_->listing() == remotes::Listing::kNone) return false;
  std::set<std::string> folders;
  for (const ObjectName& name : names) folders.insert(folder_of(name.kind, name.hash.substr(0, 2)));
  if (store_->listing() == remotes::Listing::kByFolder) return folders.size() < names.size();
  // Hashes spread evenly, so one folder tells about how many objects there are.
  size_t sample = 0;
  store_->list(*folders.begin(), [&](const remotes::FileInfo&) { return ++sample < kNamesPerAnswer * 8; });
  return folders.size() * (sample / kNamesPerAnswer + 1) < names.size();
}

std::set<ObjectName> RemoteObjects::ask_each(const std::vector<ObjectName>& names) const {
  std::vector<char> found(names.size(), 0);
  parallel_for(
      names.size(), jobs_, [&](size_t i) { found[i] = contains(names[i]) ? 1 : 0; }, 1);
  std::set<ObjectName> out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (found[i] != 0) out.insert(names[i]);
  }
  return out;
}

std::set<ObjectName> RemoteObjects::list_for(const std::vector<ObjectName>& names) const {
  std::map<std::string, std::map<std::string, ObjectName>> wanted;  // by folder, by path
  for (const ObjectName& name : names) {
    wanted[folder_of(name.kind, name.hash.substr(0, 2))].emplace(object_path(name), name);
  }
  std::vector<const std::pair<const std::string, std::map<std::string, ObjectName>>*> folders;
  for (const auto& folder : wanted) folders.push_back(&folder);
  std::mutex mutex;  // guards out
  std::set<ObjectName> out;
  parallel_for(
      folders.size(), jobs_,
      [&](size_t i) {
        std::vector<ObjectName> found;
        store_->list(folders[i]->first, [&](const remotes::FileInfo& file) {
          const auto known = folders[i]->second.find(file.path);
          if (known != folders[i]->second.end()) found.push_back(known->second);
          return true;
        });
        const std::lock_guard lock(mutex);
        out.insert(found.begin(), found.end());
      },
      1);
  return out;
}

Tree RemoteObjects::read_tree(const ObjectName& name) const {
  const auto reader = store_->open(object_path(name));
  std::string bytes;
  std::string piece(kWholeBytes, '\0');
  while (const size_t got = reader->read(piece.data(), piece.size())) bytes.append(piece, 0, got);
  return parse_tree(bytes);
}

void RemoteObjects::send(const ObjectStore& from, const ObjectName& name, const Moved& moved) const {
  remotes::FileContent file(from.path_of(name.hash, name.kind));
  remotes::WriteOptions options;
  options.read_only = true;
  options.on_sent = moved;
  if (file.size() > kWholeBytes) return store_->write(object_path(name), file, options);
  const std::string bytes = file.read_part(0, file.size());
  const std::string md5 = hash_hex(HashKind::kMd5, bytes);
  // Legacy hashes are of converted text; those are checked by whoever fetches them.
  if (name.kind == ObjectKind::kCurrent && md5 != name.hash.substr(0, 32)) {
    throw data_loss("'", from.path_of(name.hash, name.kind), "' is damaged: its content has the hash ", md5,
                    "; bring it back with `slipway fetch`, or add the file again");
  }
  remotes::MemoryContent content(bytes);
  store_->write(object_path(name), content, options);
}

void RemoteObjects::receive(const ObjectStore& to, const ObjectName& name, const Moved& moved) const {
  const std::string path = object_path(name);
  const auto reader = store_->open(path);
  to.receive(
      name.hash, name.kind,
      [&](char* buffer, size_t capacity) {
        const size_t got = reader->read(buffer, capacity);
        if (got > 0) moved(got);
        return got;
      },
      store_->url(path));
}

}  // namespace slipway::data
