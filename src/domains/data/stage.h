// One stage: a .dvc file or an entry of a dvc.yaml, with what was recorded about it. The currency of the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/data/objects.h"
#include "domains/data/scan.h"
#include "domains/data/value.h"

namespace slipway::data {

// What is recorded about one file or folder.
struct Record {
  std::string hash;  // empty: nothing is recorded; folders end in ".dir"
  std::optional<uint64_t> size;
  std::optional<uint64_t> file_count;
  bool executable = false;
  bool legacy = false;  // written by DVC 2: no `hash: md5` in the file

  static Record of(const Fingerprint& found);
  // Reads md5, size, nfiles, isexec and hash. Throws what check_plain throws.
  static Record from(const Value& entry);
  ObjectKind kind() const { return legacy ? ObjectKind::kLegacy : ObjectKind::kCurrent; }
  bool is_folder() const { return is_tree_hash(hash); }
};

// Throws unimplemented for an entry that names versions of files on a cloud-versioned remote: they would be lost when
// the entry is written again.
void check_plain(const Value& entry);

struct Output {
  std::string path;      // as the file says it
  std::string absolute;  // resolved
  bool cache = true;
  bool persist = false;
  bool metric = false;
  bool plot = false;
  Value plot_settings;  // x, y, template, ... of a plot
  bool push = true;
  std::string remote;
  Record record;
};

struct Dependency {
  std::string path;
  std::string absolute;
  bool outside = false;  // an import or a URL: recorded, never looked at here
  Record record;
  Value recorded;  // of one outside: its whole entry in dvc.lock, which stays as it is
};

// Values of a parameter file that a stage depends on.
struct ParamsDependency {
  std::string path;
  std::string absolute;
  std::vector<std::string> keys;  // empty: the whole file
  std::optional<Value> recorded;  // a map from key to value
};

struct Stage {
  std::string file;    // absolute path of the .dvc or dvc.yaml
  std::string name;    // empty in a .dvc file
  std::string folder;  // absolute, where commands run and paths start
  Value command;       // null, a string or a list, resolved
  std::vector<Dependency> deps;
  std::vector<ParamsDependency> params;
  std::vector<Output> outs;
  std::string description;
  Value meta;
  bool frozen = false;
  bool always_changed = false;
  bool command_changed = false;  // differs from the recorded one
  Value source;                  // of a .dvc file: its whole content
  std::string source_text;

  bool is_data() const { return command.is_null(); }
  bool is_import() const { return is_data() && !deps.empty(); }
  // Another repository keeps the data.
  bool is_repository_import() const;
  // Runs at each call: it has a command and nothing to compare.
  bool is_callback() const { return !is_data() && deps.empty() && params.empty() && outs.empty(); }
  std::vector<std::string> commands() const;
  // How users call it, seen from `folder`: "train", "sub/dvc.yaml:train", "data.dvc".
  std::string address(const std::string& from) const;
};

// How a path of the repository is shown to somebody in folder `from`.
std::string shown_path(const std::string& absolute, const std::string& root, const std::string& from);

}  // namespace slipway::data
