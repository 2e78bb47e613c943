#include <sys/statvfs.h>

#include <functional>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/engines/library.h"
#include "foundation/http/client.h"

namespace slipway::cli {

namespace {

struct Check {
  std::string name;
  bool passed = false;
  std::string detail;
};

// Runs one check; what it throws is the reason of the failure.
Check check(const std::string& name, const std::function<std::string()>& run) {
  try {
    return {name, true, run()};
  } catch (const std::exception& error) {
    return {name, false, error.what()};
  }
}

// The folder itself, or the nearest one above it that exists: looking must not create it.
std::string check_data_folder() {
  const std::string folder = setting("data");
  std::filesystem::path place = std::filesystem::absolute(folder).lexically_normal();
  while (!std::filesystem::exists(place) && place.has_relative_path()) place = place.parent_path();
  const std::string probe = (place / ".slipway-doctor").string();
  files::write_atomic(probe, "probe");
  std::filesystem::remove(probe);
  struct statvfs info {};
  if (::statvfs(place.c_str(), &info) != 0) throw system_error("look at " + place.string());
  const uint64_t free_bytes = uint64_t{info.f_bavail} * info.f_frsize;
  if (free_bytes < (uint64_t{1} << 30U)) {
    throw Error(ErrorCode::kOutOfSpace,
                text::concat("only ", text::format_bytes(free_bytes), " free; free some space"));
  }
  return text::concat(folder, " is writable, ", text::format_bytes(free_bytes), " free");
}

std::string check_server() {
  const std::string url = server_url("");
  if (url.empty()) return "none is set (SLIPWAY_SERVER); commands work without one";
  const auto client = http::make_client();
  http::ClientRequest request;
  request.url = url + "/health";
  request.timeout_ms = 5000;
  const http::ClientResponse response = client->send(request);
  if (response.status != 200) throw unavailable(url, " answers with status ", response.status);
  return url + " answers";
}

std::vector<Check> run_checks() {
  std::vector<Check> out;
  out.push_back(check("settings", [] {
    const Settings settings = Settings::load(setting_specs());
    return settings.file().empty() ? std::string("no slipway.yaml, defaults and environment") : settings.file();
  }));
  for (const char* library : {"lib_lightgbm.so", "libduckdb.so", "libslipway_arrow.so"}) {
    out.push_back(check(library, [library] { return engines::Library(library).path(); }));
  }
  out.push_back(check("data folder", check_data_folder));
  out.push_back(check("server", check_server));
  return out;
}

}  // namespace

Command doctor_command() {
  Command command;
  command.name = "doctor";
  command.group = "Setup";
  command.summary = "Check the installation and say what to do about what is wrong";
  command.example = "  slipway doctor";
  command.declare = [](CLI::App& app) -> Action {
    const auto as_json = std::make_shared<bool>(false);
    app.add_flag("--json", *as_json, "Print as JSON");
    return [as_json] {
      bool healthy = true;
      json::array rows;
      for (const Check& one : run_checks()) {
        healthy = healthy && one.passed;
        rows.emplace_back(json::object{{"name", one.name}, {"passed", one.passed}, {"detail", one.detail}});
        if (!*as_json) std::cout << (one.passed ? "ok      " : "FAILED  ") << one.name << ": " << one.detail << '\n';
      }
      if (*as_json) std::cout << json::write_pretty(json::object{{"healthy", healthy}, {"checks", rows}});
      return healthy ? kExitOk : kExitFailed;
    };
  };
  return command;
}

}  // namespace slipway::cli
