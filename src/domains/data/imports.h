// Data from elsewhere that is tracked here together with where it came from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domains/data/repository.h"
#include "domains/data/source_repository.h"

namespace slipway::data {

enum class ImportDepth {
  kAll,
  kNoDownload,  // its version is recorded, the data comes with `pull`
  kNoExec,      // only where it is
};

struct ImportOptions {
  std::string out;  // empty: as it is called there
  bool force = false;
  ImportDepth depth = ImportDepth::kAll;
  size_t jobs = 0;
  bool to_remote = false;                      // import_url only: not into the workspace
  std::string remote;                          // with to_remote
  std::map<std::string, std::string> storage;  // import_url only: options of the storage
};

// Where a target of a command that brings `from` lies. Throws already_exists unless `force`.
std::string destination_of(const std::string& from, const std::string& out, const std::string& base, bool force);

// The .dvc file that was written, as shown.
std::string import_from_repository(Repository& repository, const std::string& url, const std::string& path,
                                   const SourceOptions& source, const ImportOptions& options);
std::string import_from_url(Repository& repository, const std::string& url, const ImportOptions& options);

struct UpdateOptions {
  std::string rev;
  bool recursive = false;
  bool no_download = false;
  bool to_remote = false;
  std::string remote;
  size_t jobs = 0;
};

struct Updated {
  std::string file;
  bool changed = false;
};

// Brings imports to what their sources have now. Throws invalid_argument for a target that is no import.
std::vector<Updated> update_imports(Repository& repository, const std::vector<std::string>& targets,
                                    const UpdateOptions& options);

// Brings the content of an import, at the version that is recorded, into the cache; its record.
Record fetch_import(Repository& repository, const Stage& stage, size_t jobs);
// Writes into the .dvc file what an import that was not downloaded turned out to be.
void record_import(Repository& repository, Stage stage, const Record& record);

}  // namespace slipway::data
