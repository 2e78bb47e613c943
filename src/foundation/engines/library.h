// Shared libraries that are opened when first used, so that starting the program stays cheap and a tree without one of
// them still does everything else. Used by the engines of this folder and by tables.
//
// A library is looked for in: $SLIPWAY_LIB_DIR; lib/slipway beside the program's folder (an installed tree); the
// program's own folder; the program's run path (a build tree carries the folders of its SDKs there; installing replaces
// it) and the system's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::engines {

// The folders in the order above.
std::vector<std::string> library_folders();
// The first existing file of that name; throws failed_precondition naming the folders and what to type.
std::string library_path(std::string_view file_name);

// An open shared library; its symbols stay inside (RTLD_LOCAL). Closed when it goes.
class Library {
 public:
  // By file name, through library_path.
  explicit Library(std::string_view file_name);
  ~Library();
  Library(Library&& other) noexcept;
  Library& operator=(Library&&) = delete;

  const std::string& path() const { return path_; }
  // Throws failed_precondition when the library has no such symbol.
  void* find_symbol(const char* name) const;
  // Fills a pointer to a function: library.bind(api.predict, "LGBM_BoosterPredictForMat").
  template <typename Function>
  void bind(Function*& function, const char* name) const {
    function = reinterpret_cast<Function*>(find_symbol(name));
  }

 private:
  std::string path_;
  void* handle_ = nullptr;
};

}  // namespace slipway::engines
