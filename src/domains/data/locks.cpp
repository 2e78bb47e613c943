#include "domains/data/locks.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "domains/data/paths.h"
#include "domains/data/scratch.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::data {

namespace {

constexpr int kRetries = 6;
constexpr int kDelayMs = 500;

Error lock_error() {
  return unavailable(
      "Unable to acquire lock. Most likely another DVC process is running or was terminated abruptly. Wait for it, or "
      "end it, and try again.");
}

bool is_alive(int64_t pid) { return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM); }

// The lists of .dvc/tmp/rwlock while its guard is held.
class LockTable {
 public:
  explicit LockTable(const std::string& folder) : guard_(folder + "/rwlock.lock"), path_(folder + "/rwlock") {
    if (!files::exists(path_)) return;
    const std::string text = files::read(path_);
    if (text::trim(text).empty()) return;
    try {
      table_ = json::as_object(json::parse(text), "the list of locks");
    } catch (const Error&) {
      throw data_loss("Unable to read RWLock-file '", path_,
                      "'. JSON structure is corrupted; remove the file when no other ", "process works here");
    }
  }

  // Throws when another living process holds a path that overlaps one of `wanted`.
  void check(std::string_view mode, const std::vector<std::string>& wanted) {
    json::value* list = table_.if_contains(mode);
    if (list == nullptr || !list->is_object()) return;
    for (auto& entry : list->get_object()) {
      const std::string_view path = entry.key();
      const bool touches =
          std::any_of(wanted.begin(), wanted.end(), [&](const std::string& own) { return paths::overlap(own, path); });
      if (touches) check_holders(path, entry.value());
    }
  }
  void add_reader(const std::string& path, const json::object& self) {
    json::array& readers =
        section("read")[path].is_array() ? section("read")[path].get_array() : section("read")[path].emplace_array();
    if (std::find(readers.begin(), readers.end(), json::value(self)) == readers.end()) readers.push_back(self);
  }
  void add_writer(const std::string& path, const json::object& self) { section("write")[path] = self; }
  void remove(std::string_view mode, const std::string& path, const json::object& self) {
    json::object& entries = section(mode);
    json::value* found = entries.if_contains(path);
    if (found == nullptr) return;
    if (found->is_array()) {
      json::array kept;
      for (const json::value& holder : found->get_array()) {
        if (holder != json::value(self)) kept.push_back(holder);
      }
      if (!kept.empty()) {
        *found = std::move(kept);
        return;
      }
    }
    entries.erase(path);
    if (entries.empty()) table_.erase(mode);
  }
  void save() {
    if (!replace_scratch(path_, boost::json::serialize(table_))) throw system_error(text::concat("write ", path_));
  }

 private:
  json::object& section(std::string_view mode) {
    json::value& list = table_[mode];
    return list.is_object() ? list.get_object() : list.emplace_object();
  }
  // A holder that is gone loses its claim; one that is alive, and not us, keeps it.
  static void check_holders(std::string_view path, const json::value& holders) {
    const json::array all = holders.is_array() ? holders.get_array() : json::array{holders};
    for (const json::value& holder : all) {
      if (!holder.is_object()) continue;
      const int64_t pid = json::find_int(holder.get_object(), "pid").value_or(0);
      if (pid == ::getpid() || !is_alive(pid)) continue;
      throw unavailable("'", path, "' is busy, it is being blocked by:\n  (PID ", pid,
                        "): ", json::find_string(holder.get_object(), "cmd").value_or("unknown"));
    }
  }

  RepositoryLock guard_;
  const std::string path_;
  json::object table_;
};

json::object self_of(const std::string& command) {
  json::object out;
  out["pid"] = static_cast<int64_t>(::getpid());
  out["cmd"] = command;
  return out;
}

}  // namespace

RepositoryLock::RepositoryLock(std::string path) : path_(std::move(path)) {
  files::create_folders(paths::parent(path_));
  for (int attempt = 0; attempt <= kRetries; ++attempt) {
    if (try_once()) return;
    if (attempt < kRetries) ::poll(nullptr, 0, kDelayMs);
  }
  throw lock_error();
}

bool RepositoryLock::try_once() {
  files::Descriptor file(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!file.valid()) throw system_error(text::concat("open ", path_));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK || errno == EINTR) return false;
    throw system_error(text::concat("lock ", path_));
  }
  const std::string holder = text::concat(" ", ::getpid(), "\n");
  if (::ftruncate(file.get(), 0) != 0) throw system_error(text::concat("write ", path_));
  files::write_all(file.get(), holder, path_);
  file_ = std::move(file);
  return true;
}

void RepositoryLock::release() { file_ = files::Descriptor(); }

bool RepositoryLock::acquire_again(const std::function<bool()>& cancelled) {
  if (file_.valid()) return true;
  while (!try_once()) {
    if (cancelled && cancelled()) return false;
    ::poll(nullptr, 0, 50);
  }
  return true;
}

FileLocks::FileLocks(std::string tmp_folder, std::string command, std::vector<std::string> read,
                     std::vector<std::string> write)
    : folder_(std::move(tmp_folder)), command_(std::move(command)), read_(std::move(read)), write_(std::move(write)) {
  LockTable table(folder_);
  std::vector<std::string> all = read_;
  all.insert(all.end(), write_.begin(), write_.end());
  table.check("write", all);
  table.check("read", write_);
  const json::object self = self_of(command_);
  for (const std::string& path : read_) table.add_reader(path, self);
  for (const std::string& path : write_) table.add_writer(path, self);
  table.save();
}

FileLocks::~FileLocks() {
  try {
    LockTable table(folder_);
    const json::object self = self_of(command_);
    for (const std::string& path : read_) table.remove("read", path, self);
    for (const std::string& path : write_) table.remove("write", path, self);
    table.save();
  } catch (const std::exception&) {
    // Entries that stay behind belong to a process that is about to be gone; everybody ignores those.
  }
}

}  // namespace slipway::data
