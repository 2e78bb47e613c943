#include "foundation/base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway {

namespace {

constexpr int64_t kGraceMs = 5000;
constexpr int kPollMs = 50;

// Our environment with the additions in front, as execvpe wants it.
std::vector<std::string> merged_environment(const std::map<std::string, std::string>& additions) {
  std::vector<std::string> out;
  for (const auto& [name, value] : additions) out.push_back(text::concat(name, "=", value));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    if (additions.count(std::string(pair.substr(0, pair.find('=')))) == 0) out.emplace_back(pair);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& from) {
  std::vector<char*> out;
  out.reserve(from.size() + 1);
  for (std::string& item : from) out.push_back(item.data());
  out.push_back(nullptr);
  return out;
}

// In the child, between fork and exec: only async-signal-safe calls. Reports errno through `failure`.
[[noreturn]] void become(char* const* arguments, char* const* environment, const char* folder, int output,
                         int failure) {
  ::setpgid(0, 0);
  if (output >= 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
  }
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (*folder == '\0' || ::chdir(folder) == 0) ::execvpe(arguments[0], arguments, environment);
  const int number = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &number, sizeof number);
  ::_exit(127);
}

// Collects bytes and hands on whole lines.
class LineSplitter {
 public:
  explicit LineSplitter(const std::function<void(std::string_view)>& on_line) : on_line_(on_line) {}
  void feed(std::string_view bytes) {
    pending_.append(bytes);
    size_t start = 0;
    for (size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', start)) {
      on_line_(std::string_view(pending_).substr(start, end - start));
      start = end + 1;
    }
    pending_.erase(0, start);
  }
  void finish() {
    if (!pending_.empty()) on_line_(pending_);
  }

 private:
  const std::function<void(std::string_view)>& on_line_;
  std::string pending_;
};

// A descriptor that becomes readable when the child ends, so that waiting for it takes no longer than it runs. Invalid
// on kernels before 5.3; then the child is asked every few milliseconds.
files::Descriptor end_of(pid_t child) {
  return files::Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
}

// Watches one started child until it has ended.
class Watch {
 public:
  Watch(pid_t child, const ProcessOptions& options) : child_(child), options_(options), end_(end_of(child)) {}

  ProcessResult until_end(int output) {
    LineSplitter lines(options_.on_line);
    bool open = output >= 0;
    int status = 0;
    bool ended = false;
    while (!ended || open) {
      const bool to_read = wait(open ? output : -1, ended ? 0 : kPollMs);
      if (open && to_read) open = read_some(output, lines);
      if (!ended && ::waitpid(child_, &status, WNOHANG) == child_) ended = true;
      if (!ended) stop_if_due();
      // A grandchild may keep the pipe open; once the child is gone, what is there now is all we wait for.
      if (ended && open && !readable(output)) open = false;
    }
    if (output >= 0) lines.finish();
    result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    result_.duration_ms = steady_ms() - started_ms_;
    return result_;
  }

 private:
  static bool readable(int output) {
    pollfd entry{output, POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
  }
  // Until there is something to read (then true), the child ended or the time is over.
  bool wait(int output, int wait_ms) const {
    std::array<pollfd, 2> entries{pollfd{output, POLLIN, 0}, pollfd{end_.get(), POLLIN, 0}};
    ::poll(entries.data(), wait_ms == 0 ? 1 : entries.size(), wait_ms);
    return output >= 0 && entries[0].revents != 0;
  }
  static bool read_some(int output, LineSplitter& lines) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(output, buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got > 0) lines.feed({buffer.data(), static_cast<size_t>(got)});
    return got > 0;
  }
  void stop_if_due() {
    const int64_t now = steady_ms();
    if (stopping_since_ms_ == 0) {
      result_.timed_out = options_.timeout_ms > 0 && now - started_ms_ > options_.timeout_ms;
      result_.was_cancelled = options_.cancelled && options_.cancelled();
      if (!result_.timed_out && !result_.was_cancelled) return;
      stopping_since_ms_ = now;
      ::kill(-child_, SIGTERM);
    } else if (now - stopping_since_ms_ > kGraceMs) {
      ::kill(-child_, SIGKILL);
    }
  }

  const pid_t child_;
  const ProcessOptions& options_;
  const files::Descriptor end_;
  const int64_t started_ms_ = steady_ms();
  int64_t stopping_since_ms_ = 0;
  ProcessResult result_;
};

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  if (arguments.empty()) throw invalid_argument("a process needs a program to run");
  std::vector<std::string> words = arguments;
  std::vector<std::string> settings = merged_environment(options.environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(settings);

  std::array<int, 2> output{-1, -1};
  std::array<int, 2> failure{-1, -1};
  if (options.on_line && ::pipe2(output.data(), O_CLOEXEC) != 0) throw system_error("create a pipe");
  files::Descriptor output_read(output[0]);
  files::Descriptor output_write(output[1]);
  if (::pipe2(failure.data(), O_CLOEXEC) != 0) throw system_error("create a pipe");
  const files::Descriptor failure_read(failure[0]);
  files::Descriptor failure_write(failure[1]);

  const pid_t child = ::fork();
  if (child < 0) throw system_error("start a process");
  if (child == 0) become(argv.data(), envp.data(), options.folder.c_str(), output_write.get(), failure_write.get());
  ::setpgid(child, child);
  output_write = files::Descriptor();
  failure_write = files::Descriptor();
  int number = 0;
  if (::read(failure_read.get(), &number, sizeof number) == sizeof number) {
    ::waitpid(child, nullptr, 0);
    errno = number;
    throw system_error(text::concat("start ", arguments[0]));
  }
  return Watch(child, options).until_end(output_read.get());
}

ProcessResult run_shell(const std::string& command, const ProcessOptions& options) {
  return run_process({"/bin/sh", "-c", command}, options);
}

std::string own_program_path() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace slipway
