#include "foundation/engines/library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/process.h"

namespace slipway::engines {

namespace {

// The dynamic linker's own search list for this program: its run path, then the system's folders.
std::vector<std::string> run_path_folders() {
  std::vector<std::string> folders;
  void* self = ::dlopen(nullptr, RTLD_LAZY);
  if (self == nullptr) return folders;
  Dl_serinfo size_only;
  if (::dlinfo(self, RTLD_DI_SERINFOSIZE, &size_only) == 0) {
    const auto buffer = std::make_unique<std::max_align_t[]>(size_only.dls_size / sizeof(std::max_align_t) + 1);
    auto* info = reinterpret_cast<Dl_serinfo*>(buffer.get());
    ::dlinfo(self, RTLD_DI_SERINFOSIZE, info);
    if (::dlinfo(self, RTLD_DI_SERINFO, info) == 0) {
      const Dl_serpath* paths = info->dls_serpath;
      for (unsigned i = 0; i < info->dls_cnt; ++i) {
        // A padded run path holds empty entries, which mean the current folder: nothing is opened from there.
        if (const std::string folder = paths[i].dls_name; !folder.empty() && folder != ".") folders.push_back(folder);
      }
    }
  }
  ::dlclose(self);
  return folders;
}

}  // namespace

std::vector<std::string> library_folders() {
  std::vector<std::string> folders;
  if (const char* chosen = std::getenv("SLIPWAY_LIB_DIR"); chosen != nullptr && *chosen != '\0') {
    folders.emplace_back(chosen);
  }
  const std::filesystem::path program_folder = std::filesystem::path(own_program_path()).parent_path();
  folders.push_back((program_folder.parent_path() / "lib" / "slipway").string());
  folders.push_back(program_folder.string());
  for (std::string& folder : run_path_folders()) folders.push_back(std::move(folder));
  return folders;
}

std::string library_path(std::string_view file_name) {
  const std::vector<std::string> folders = library_folders();
  for (const std::string& folder : folders) {
    std::string path = folder + "/" + std::string(file_name);
    if (files::exists(path)) return path;
  }
  throw failed_precondition(file_name, " was not found in ", text::join(folders, ", "),
                            "; type `make setup`, or set SLIPWAY_LIB_DIR to the folder that holds it");
}

Library::Library(std::string_view file_name) : path_(library_path(file_name)) {
  handle_ = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) {
    const char* reason = ::dlerror();
    throw failed_precondition("cannot open ", path_, ": ", reason == nullptr ? "unknown reason" : reason,
                              "; type `make setup` to restore it");
  }
}

Library::~Library() {
  if (handle_ != nullptr) ::dlclose(handle_);
}

Library::Library(Library&& other) noexcept : path_(std::move(other.path_)), handle_(other.handle_) {
  other.handle_ = nullptr;
}

void* Library::find_symbol(const char* name) const {
  void* symbol = ::dlsym(handle_, name);
  if (symbol == nullptr) {
    throw failed_precondition(path_, " has no symbol ", name, ": it is of another version; type `make setup`");
  }
  return symbol;
}

}  // namespace slipway::engines
