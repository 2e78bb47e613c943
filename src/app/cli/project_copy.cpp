#include "app/cli/project_copy.h"

#include <filesystem>

#include "domains/data/repository.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/process.h"

namespace slipway::cli {

namespace fs = std::filesystem;

namespace {

constexpr uintmax_t kMaxFileBytes = uintmax_t{1} << 20U;

std::vector<std::string> files_of_git(const std::string& root) {
  std::string listing;
  ProcessOptions options;
  options.folder = root;
  options.on_line = [&listing](std::string_view line) { listing.append(line).push_back('\n'); };
  try {
    const auto result = run_process({"git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"}, options);
    if (result.exit_code != 0) return {};
  } catch (const Error&) {
    return {};  // no git on this machine
  }
  std::vector<std::string> out;
  for (const std::string& name : text::split(text::trim(listing), '\0')) {
    if (!name.empty()) out.push_back(name);
  }
  return out;
}

}  // namespace

std::string project_data_commit() {
  const auto root = data::Repository::discover(fs::current_path().string());
  return root ? data::Repository(*root).data_commit() : "";
}

void copy_project(const std::string& target_folder) {
  const auto root = data::Repository::discover(fs::current_path().string());
  if (!root) return;
  for (const std::string& name : files_of_git(*root)) {
    const fs::path source = fs::path(*root) / name;
    std::error_code error;
    if (name.starts_with(".dvc/") || !fs::is_regular_file(source, error) ||
        fs::file_size(source, error) > kMaxFileBytes)
      continue;
    const fs::path target = fs::path(target_folder) / name;
    files::create_folders(target.parent_path().string());
    fs::copy_file(source, target, fs::copy_options::overwrite_existing);
  }
}

}  // namespace slipway::cli
