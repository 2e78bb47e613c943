#include "foundation/remotes/ssh_remote.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/http/retry.h"
#include "foundation/remotes/ssh_session.h"

namespace slipway::remotes {

namespace {

constexpr size_t kPieceBytes = size_t{256} << 10U;
constexpr int kMostReplacements = 16;
constexpr int kDeepest = 64;
constexpr std::string_view kDrafts = "/.slipway";
constexpr http::Retries kRetries{4, 100, 2000};

class Handle {
 public:
  explicit Handle(LIBSSH2_SFTP_HANDLE* handle) : handle_(handle) {}
  ~Handle() { close(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  LIBSSH2_SFTP_HANDLE* get() const { return handle_; }
  void reset(LIBSSH2_SFTP_HANDLE* handle) {
    close();
    handle_ = handle;
  }
  // 0 when the server has taken all of it.
  int close() { return handle_ == nullptr ? 0 : ssh().libssh2_sftp_close_handle(std::exchange(handle_, nullptr)); }

 private:
  LIBSSH2_SFTP_HANDLE* handle_;
};

LIBSSH2_SFTP_HANDLE* open_handle(SshSession& session, const std::string& path, unsigned long flags, long mode,
                                 int kind) {
  return ssh().libssh2_sftp_open_ex(session.sftp(), path.c_str(), static_cast<unsigned int>(path.size()), flags, mode,
                                    kind);
}

int stat_path(SshSession& session, const std::string& path, LIBSSH2_SFTP_ATTRIBUTES& out) {
  return ssh().libssh2_sftp_stat_ex(session.sftp(), path.c_str(), static_cast<unsigned int>(path.size()),
                                    LIBSSH2_SFTP_STAT, &out);
}

bool is_missing(const SshSession& session) {
  return session.status() == LIBSSH2_FX_NO_SUCH_FILE || session.status() == LIBSSH2_FX_NO_SUCH_PATH;
}

// Connections that are kept; each serves one call at a time.
class Sessions {
 public:
  Sessions(SshTarget target, size_t most) : target_(std::move(target)), most_(most) {}
  const SshTarget& target() const { return target_; }

  std::unique_ptr<SshSession> take() {
    {
      std::unique_lock lock(mutex_);
      freed_.wait(lock, [this] { return !idle_.empty() || open_ < most_; });
      if (!idle_.empty()) {
        auto out = std::move(idle_.back());
        idle_.pop_back();
        return out;
      }
      ++open_;
    }
    try {
      // One after another: servers turn away many that knock at once.
      const std::lock_guard lock(connecting_);
      return std::make_unique<SshSession>(target_);
    } catch (...) {
      drop();
      throw;
    }
  }
  void give_back(std::unique_ptr<SshSession> session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
    freed_.notify_one();
  }
  void drop() {
    const std::lock_guard lock(mutex_);
    --open_;
    freed_.notify_one();
  }

 private:
  const SshTarget target_;
  const size_t most_;
  std::mutex connecting_;
  std::mutex mutex_;  // guards the two below
  size_t open_ = 0;
  std::vector<std::unique_ptr<SshSession>> idle_;
  std::condition_variable freed_;
};

// A connection for as long as it lives; one that failed is not kept.
class Lease {
 public:
  explicit Lease(Sessions& sessions) : sessions_(sessions), session_(sessions.take()) {}
  ~Lease() {
    if (failed_) {
      session_.reset();
      sessions_.drop();
    } else {
      sessions_.give_back(std::move(session_));
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  SshSession& operator*() { return *session_; }
  void fail() { failed_ = true; }

 private:
  Sessions& sessions_;
  std::unique_ptr<SshSession> session_;
  bool failed_ = false;
};

// Does it again on a fresh connection when the network falters.
template <typename Work>
auto with_session(Sessions& sessions, const Work& work) {
  RandomIdSource random;
  for (int attempt = 1;; ++attempt) {
    try {
      Lease lease(sessions);
      try {
        return work(*lease);
      } catch (const Error& error) {
        if (http::is_worth_another_try(error)) lease.fail();
        throw;
      }
    } catch (const Error& error) {
      if (attempt >= kRetries.attempts || !http::is_worth_another_try(error)) throw;
    }
    http::pause_before_retry(kRetries, attempt - 1, random);
  }
}

// Goes on where it was when the connection breaks.
class SshReader final : public blobs::BlobReader {
 public:
  SshReader(Sessions& sessions, std::string path) : sessions_(sessions), path_(std::move(path)) {
    retry([this] { reopen(); });
  }
  ~SshReader() override {
    handle_.reset();
    lease_.reset();
  }

  size_t read(char* buffer, size_t capacity) override {
    size_t out = 0;
    retry([&] {
      if (!handle_) reopen();
      const ssize_t got = ssh().libssh2_sftp_read(handle_->get(), buffer, capacity);
      if (got < 0) throw(**lease_).error("read " + path_);
      out = static_cast<size_t>(got);
    });
    offset_ += out;
    return out;
  }

 private:
  void reopen() {
    lease_ = std::make_unique<Lease>(sessions_);
    handle_ = std::make_unique<Handle>(open_handle(**lease_, path_, LIBSSH2_FXF_READ, 0, LIBSSH2_SFTP_OPENFILE));
    if (handle_->get() == nullptr) throw(**lease_).error("open " + path_);
    if (offset_ > 0) ssh().libssh2_sftp_seek64(handle_->get(), offset_);
  }
  template <typename Work>
  void retry(const Work& work) {
    for (int attempt = 1;; ++attempt) {
      try {
        return work();
      } catch (const Error& error) {
        handle_.reset();
        const bool again = http::is_worth_another_try(error);
        if (lease_ && again) lease_->fail();
        lease_.reset();
        if (!again || attempt >= kRetries.attempts) throw;
      }
      http::pause_before_retry(kRetries, attempt - 1, random_);
    }
  }

  Sessions& sessions_;
  const std::string path_;
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<Handle> handle_;
  uint64_t offset_ = 0;
  RandomIdSource random_;
};

class SshRemote final : public RemoteStore {
 public:
  SshRemote(SshTarget target, size_t sessions)
      : root_(target.path.empty() ? "/" : target.path), sessions_(std::move(target), sessions) {}

  std::string url(std::string_view path) const override {
    const SshTarget& target = sessions_.target();
    const std::string port = target.port == 22 ? "" : text::concat(":", target.port);
    return text::concat("ssh://", target.user, "@", target.host, port, full(path));
  }

  std::optional<FileInfo> find(const std::string& path) override {
    return with_session(sessions_, [&](SshSession& session) -> std::optional<FileInfo> {
      LIBSSH2_SFTP_ATTRIBUTES attributes{};
      if (stat_path(session, full(path), attributes) != 0) {
        if (is_missing(session)) return std::nullopt;
        throw session.error("look at " + url(path));
      }
      if (LIBSSH2_SFTP_S_ISDIR(attributes.permissions)) return std::nullopt;
      return info_of(path, attributes);
    });
  }

  Listing listing() const override { return Listing::kByFolder; }
  void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) override {
    std::vector<FileInfo> files;
    bool going = true;
    std::vector<std::pair<std::string, int>> open = {{folder, 0}};
    while (going && !open.empty()) {
      const std::string at = open.back().first;
      const int depth = open.back().second;
      open.pop_back();
      files.clear();
      with_session(sessions_, [&](SshSession& session) {
        files.clear();
        const size_t before = open.size();
        try {
          list_one(session, at, depth, files, open);
        } catch (...) {
          open.resize(before);
          throw;
        }
      });
      for (const FileInfo& file : files) {
        if (!(going = on_file(file))) break;
      }
    }
  }

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    return std::make_unique<SshReader>(sessions_, full(path));
  }

  void write(const std::string& path, Content& content, const WriteOptions& options) override;
  using RemoteStore::write;

  void remove(const std::string& path) override {
    with_session(sessions_, [&](SshSession& session) {
      if (unlink(session, full(path)) != 0 && !is_missing(session)) throw session.error("remove " + url(path));
    });
  }

 private:
  std::string full(std::string_view path) const {
    return path.empty() ? root_ : text::concat(root_ == "/" ? "" : root_, "/", path);
  }
  static FileInfo info_of(const std::string& path, const LIBSSH2_SFTP_ATTRIBUTES& attributes) {
    return {path, attributes.filesize, "", static_cast<int64_t>(attributes.mtime) * 1000};
  }
  static int unlink(SshSession& session, const std::string& path) {
    return ssh().libssh2_sftp_unlink_ex(session.sftp(), path.c_str(), static_cast<unsigned int>(path.size()));
  }
  static int rename(SshSession& session, const std::string& from, const std::string& to) {
    return ssh().libssh2_sftp_rename_ex(session.sftp(), from.c_str(), static_cast<unsigned int>(from.size()),
                                        to.c_str(), static_cast<unsigned int>(to.size()),
                                        LIBSSH2_SFTP_RENAME_OVERWRITE | LIBSSH2_SFTP_RENAME_ATOMIC);
  }
  static void make_folders(SshSession& session, const std::string& folder);
  void list_one(SshSession& session, const std::string& folder, int depth, std::vector<FileInfo>& files,
                std::vector<std::pair<std::string, int>>& folders) const;
  void send(SshSession& session, const std::string& draft, Content& content, const WriteOptions& options,
            uint64_t& told) const;

  const std::string root_;
  Sessions sessions_;
};

void SshRemote::make_folders(SshSession& session, const std::string& folder) {
  const auto make = [&] {
    return ssh().libssh2_sftp_mkdir_ex(session.sftp(), folder.c_str(), static_cast<unsigned int>(folder.size()), 0777);
  };
  LIBSSH2_SFTP_ATTRIBUTES attributes{};
  if (folder.empty() || make() == 0 || stat_path(session, folder, attributes) == 0) return;
  make_folders(session, folder.substr(0, folder.rfind('/')));
  // Another thread may have been quicker.
  if (make() != 0 && stat_path(session, folder, attributes) != 0) throw session.error("make the folder " + folder);
}

void SshRemote::list_one(SshSession& session, const std::string& folder, int depth, std::vector<FileInfo>& files,
                         std::vector<std::pair<std::string, int>>& folders) const {
  const Handle open(open_handle(session, full(folder), 0, 0, LIBSSH2_SFTP_OPENDIR));
  if (open.get() == nullptr) {
    if (is_missing(session)) return;
    throw session.error("list " + full(folder));
  }
  std::string name(4096, '\0');
  LIBSSH2_SFTP_ATTRIBUTES attributes{};
  for (;;) {
    const int got = ssh().libssh2_sftp_readdir_ex(open.get(), name.data(), name.size(), nullptr, 0, &attributes);
    if (got < 0) throw session.error("list " + full(folder));
    if (got == 0) return;
    const std::string_view one(name.data(), static_cast<size_t>(got));
    if (one == "." || one == ".." || one.find('/') != std::string_view::npos) continue;
    const std::string path = folder.empty() ? std::string(one) : text::concat(folder, "/", one);
    LIBSSH2_SFTP_ATTRIBUTES target = attributes;
    // What a link leads to counts; one that leads nowhere is no file.
    if (LIBSSH2_SFTP_S_ISLNK(attributes.permissions) && stat_path(session, full(path), target) != 0) continue;
    if (LIBSSH2_SFTP_S_ISREG(target.permissions)) {
      files.push_back(info_of(path, target));
    } else if (LIBSSH2_SFTP_S_ISDIR(target.permissions) && depth < kDeepest && path != ".slipway") {
      folders.emplace_back(path, depth + 1);
    }
  }
}

void SshRemote::send(SshSession& session, const std::string& draft, Content& content, const WriteOptions& options,
                     uint64_t& told) const {
  constexpr unsigned long kFlags = LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC;
  const long mode = options.read_only ? 0444 : 0644;
  Handle file(open_handle(session, draft, kFlags, mode, LIBSSH2_SFTP_OPENFILE));
  if (file.get() == nullptr && is_missing(session)) {
    make_folders(session, root_ + std::string(kDrafts));
    file.reset(open_handle(session, draft, kFlags, mode, LIBSSH2_SFTP_OPENFILE));
  }
  if (file.get() == nullptr) throw session.error("create " + draft);
  std::vector<char> buffer(kPieceBytes);
  uint64_t offset = 0;
  while (const size_t got = content.read_at(offset, buffer.data(), buffer.size())) {
    for (size_t sent = 0; sent < got;) {
      const ssize_t count = ssh().libssh2_sftp_write(file.get(), buffer.data() + sent, got - sent);
      if (count < 0) throw session.error("write " + draft);
      sent += static_cast<size_t>(count);
    }
    offset += got;
    // What is sent again is not progress.
    if (offset > told && options.on_sent) options.on_sent(offset - told);
    told = std::max(told, offset);
  }
  if (file.close() != 0) throw session.error("write " + draft);
}

void SshRemote::write(const std::string& path, Content& content, const WriteOptions& options) {
  static RandomIdSource ids;
  static std::mutex naming;  // guards ids
  const std::string target = full(path);
  const std::string draft = [&] {
    const std::lock_guard lock(naming);
    return text::concat(root_ == "/" ? "" : root_, kDrafts, "/", ids.hex(32));
  }();
  uint64_t told = 0;
  with_session(sessions_, [&](SshSession& session) {
    try {
      send(session, draft, content, options, told);
      if (rename(session, draft, target) == 0) return;
      if (is_missing(session)) make_folders(session, target.substr(0, target.rfind('/')));
      // Servers of the common version of SFTP do not rename over a file; while it is away, another thread or program
      // may put its own there.
      for (int i = 0; rename(session, draft, target) != 0; ++i) {
        if (i == kMostReplacements) throw session.error("create " + url(path));
        unlink(session, target);
      }
    } catch (const Error& error) {
      if (!http::is_worth_another_try(error)) unlink(session, draft);
      throw;
    }
  });
}

}  // namespace

std::unique_ptr<RemoteStore> open_ssh(const RemoteAddress& address) {
  const Options options(address.options);
  // OpenSSH turns away more than ten that are not yet let in; connections are made one by one, so more are fine.
  const auto most = static_cast<size_t>(std::clamp<int64_t>(options.number("max_sessions", 10), 1, 64));
  return std::make_unique<SshRemote>(ssh_target_of(address.url, options),
                                     std::min(most, std::max<size_t>(address.jobs, 1)));
}

}  // namespace slipway::remotes
