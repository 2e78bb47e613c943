// Two versions of all tracked data against each other, down to the files in tracked folders: what a commit records,
// what the .dvc files record now, what lies in the workspace. Used by `diff` and `data status`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

// A tracked file or folder, or a file in a tracked folder.
struct DataEntry {
  std::string path;  // from the root
  std::string hash;  // empty: nothing is recorded
  ObjectKind kind = ObjectKind::kCurrent;
  bool is_folder = false;

  // The path, of a folder with a slash at its end.
  std::string shown() const { return is_folder ? path + "/" : path; }
};

// Folders before what they hold, names in the order of their bytes.
struct DataListing {
  std::vector<DataEntry> entries;
  // Folders whose content nobody knows, because the cache lacks the object that lists it.
  std::vector<std::string> unknown;
};

struct ListingOptions {
  bool granular = true;           // the files in folders too
  std::vector<std::string> only;  // paths from the root: these and what is below; empty: everything
};

// What the stages record.
DataListing recorded_data(const Repository& repository, const StageIndex& index, const ListingOptions& options);
// What lies where the stages say.
DataListing present_data(Repository& repository, const StageIndex& index, const ListingOptions& options);

enum class ChangeKind { kAdded, kDeleted, kModified, kRenamed, kUnchanged, kUnknown };

// Both point into the listings that were compared.
struct DataChange {
  ChangeKind kind = ChangeKind::kUnchanged;
  const DataEntry* before = nullptr;
  const DataEntry* after = nullptr;
};

// kPaths: an output that nothing is recorded for is there all the same. kHashes: it is not.
enum class CompareBy { kPaths, kHashes };

// Unchanged ones too. What was deleted here and added there with the same content was renamed.
std::vector<DataChange> compare(const DataListing& before, const DataListing& after, CompareBy by);

// Those whose content the cache lacks.
std::vector<const DataEntry*> missing_in_cache(const ObjectStore& store, const std::vector<const DataEntry*>& entries);

}  // namespace slipway::data
