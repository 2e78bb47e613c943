#include "foundation/blobs/testing/moto_server.h"

#include <future>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/process.h"

namespace slipway::blobs {

namespace {

std::string python_environment() {
  std::vector<std::string> lines;
  ProcessOptions options;
  options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  const std::string root = SLIPWAY_SOURCE_DIR;
  const auto made = run_process({root + "/tools/test_venv", "s3", root + "/deps/venv-s3.txt"}, options);
  if (made.exit_code != 0 || lines.empty()) {
    throw failed_precondition("no Python environment for the S3 server:\n", text::join(lines, "\n"));
  }
  return lines.back();
}

}  // namespace

MotoServer::MotoServer() {
  // It must not outlive a test that is killed.
  const std::vector<std::string> command = {
      "setpriv", "--pdeathsig=KILL", python_environment() + "/bin/moto_server", "-H", "127.0.0.1", "-p", "0"};
  std::promise<std::string> started;
  thread_ = std::thread([this, command, &started] {
    std::string output;
    bool announced = false;
    ProcessOptions options;
    options.environment = {{"PYTHONUNBUFFERED", "1"}};
    options.cancelled = [this] { return stopping_.load(); };
    options.on_line = [&](std::string_view line) {
      if (announced) return;
      output.append(line).append("\n");
      const size_t found = line.find("http://127.0.0.1:");
      if (found == std::string_view::npos) return;
      announced = true;
      started.set_value(std::string(text::trim(line.substr(found))));
    };
    run_process(command, options);
    if (!announced) {
      started.set_exception(std::make_exception_ptr(failed_precondition("the S3 server did not start:\n", output)));
    }
  });
  try {
    origin_ = started.get_future().get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

MotoServer::~MotoServer() {
  stopping_ = true;
  thread_.join();
}

}  // namespace slipway::blobs
