#include "app/cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <mutex>
#include <streambuf>
#include <string>
#include <string_view>

#include "app/cli/command.h"

namespace slipway::cli {

// Several threads may print, so it has no put area that the stream would fill without asking. A terminal sees each line
// at once.
class Output::Buffer final : public std::streambuf {
 public:
  int failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    return xsputn(&one, 1) == 1 ? c : traits_type::eof();
  }

  std::streamsize xsputn(const char* data, std::streamsize size) override {
    const std::string_view text(data, static_cast<size_t>(size));
    const std::lock_guard lock(mutex_);
    waiting_.append(text);
    const bool now = waiting_.size() >= kBytes || (shows_lines_ && text.find('\n') != std::string_view::npos);
    return now && !write_out() ? 0 : size;
  }

  int sync() override {
    const std::lock_guard lock(mutex_);
    return write_out() ? 0 : -1;
  }

 private:
  static constexpr size_t kBytes = size_t{64} << 10U;

  bool write_out() {
    std::string_view rest = waiting_;
    while (!rest.empty() && failure_ == 0) {
      const ssize_t count = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (count >= 0) {
        rest.remove_prefix(static_cast<size_t>(count));
      } else if (errno != EINTR) {
        failure_ = errno;
      }
    }
    waiting_.clear();
    return failure_ == 0;
  }

  const bool shows_lines_ = ::isatty(STDOUT_FILENO) == 1;
  std::mutex mutex_;  // guards the two below
  std::string waiting_;
  int failure_ = 0;
};

Output::Output() : buffer_(std::make_unique<Buffer>()), before_(std::cout.rdbuf(buffer_.get())) {}

Output::~Output() {
  std::cout.flush();
  std::cout.rdbuf(before_);
}

int Output::finish(int exit_code) {
  std::cout.flush();
  if (buffer_->failure() == 0) return exit_code;
  if (buffer_->failure() == EPIPE) return 128 + SIGPIPE;
  std::cerr << "slipway: cannot write to standard output: " << std::strerror(buffer_->failure())
            << "; what was printed is incomplete\n";
  return kExitError;
}

}  // namespace slipway::cli
