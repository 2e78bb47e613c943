#include "domains/data/unprotect.h"

#include <filesystem>
#include <vector>

#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

namespace fs = std::filesystem;

void make_own(const fs::path& file) {
  if (fs::is_symlink(file) || fs::hard_link_count(file) > 1) {
    const fs::path beside = file.string() + ".slipway-own";
    fs::copy_file(fs::canonical(file), beside, fs::copy_options::overwrite_existing);
    fs::permissions(beside, fs::perms::owner_write, fs::perm_options::add);
    fs::rename(beside, file);
  } else {
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
  }
}

}  // namespace

void unprotect(const std::string& path) {
  if (!fs::exists(path)) throw not_found("can't unprotect non-existing data '", path, "'");
  std::vector<fs::path> found;
  if (!paths::is_folder(path)) {
    found.emplace_back(path);
  } else {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
  }
  parallel_for(found.size(), default_jobs(), [&](size_t i) { make_own(found[i]); });
}

}  // namespace slipway::data
