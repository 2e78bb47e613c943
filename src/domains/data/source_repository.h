// Another repository that data is taken from: any Git repository, with tracked data in it or without, at any revision.
// Used by import, update, get and list.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domains/data/config.h"
#include "domains/data/file_source.h"
#include "domains/data/index.h"
#include "domains/data/remote_objects.h"
#include "foundation/base/files.h"
#include "foundation/git/repository.h"

namespace slipway::data {

struct SourceOptions {
  std::string rev;     // empty: the default branch; of a local repository of data, what lies in its folder now
  std::string remote;  // empty: its default one
  std::map<std::string, std::string> remote_options;  // said over what its configuration says
  std::string config;                                 // a configuration file said over its own
  size_t jobs = 0;
};

// A file at or below a path.
struct SourceFile {
  std::string path;  // from the path asked for; empty when it is the file itself
  bool executable = false;
  std::optional<ObjectName> object;  // nothing: Git has the file
  bool is_output = false;            // it, or what holds it, is tracked as data
  std::optional<uint64_t> size;
};

struct SourceTree {
  std::vector<SourceFile> files;  // sorted by path
  bool is_folder = false;
  // What is recorded for exactly this path; an empty hash when it is no output.
  Record record;
  // Outputs at or below, as paths from the path asked for.
  std::vector<std::string> outputs;
};

// A file or folder as it is listed.
struct ListedFile {
  std::string path;  // from the path asked for; its name when it is a file itself
  bool is_folder = false;
  bool is_output = false;  // tracked as data, or in a folder that is
  bool executable = false;
  std::optional<uint64_t> size;      // of what is there
  std::optional<uint64_t> recorded;  // of what is recorded
  std::string hash;                  // empty: none is recorded for exactly this
};

struct ListOptions {
  bool outputs_only = false;
  bool with_metafiles = true;   // .dvc, dvc.yaml, .dvcignore
  std::optional<size_t> depth;  // names below each other; 0: only the path itself
};

class SourceRepository {
 public:
  // Folders in `url` start at `base`. Clones when there is no other way; throws unavailable, not_found for a revision.
  SourceRepository(const std::string& url, const std::string& base, const SourceOptions& options);
  ~SourceRepository();

  const std::string& commit() const { return commit_; }
  // Throws not_found. With `outputs_only`, files that Git has are passed over.
  SourceTree find(const std::string& path, bool outputs_only = false);
  // Everything at or below, folders too, sorted by path. Throws not_found.
  std::vector<ListedFile> list(const std::string& path, const ListOptions& options);
  // Keeps the content in the store; the record of a file or a folder with exactly this content.
  Record keep(const std::string& path, const SourceTree& tree, const ObjectStore& store);
  // Where the tracked content is stored.
  std::string storage_url(const std::string& path);
  std::string read(const std::string& path, const SourceFile& file) const;

 private:
  class Lister;
  void open(const std::string& url, const std::string& base, const SourceOptions& options);
  void load_data(const std::string& folder);
  const RemoteObjects& storage(const std::string& wanted);
  void add_git_files(const std::string& folder, const std::string& prefix, SourceTree& out) const;
  void add_output(const Output& output, const std::string& path, SourceTree& out);
  Tree read_tree(const Output& output);
  std::string own_remote(const std::string& path) const;
  // From the first place that has the object; from any thread.
  void bring(const ObjectName& name, const std::string& remote, const ObjectStore& store);

  const std::string url_;
  const SourceOptions options_;
  std::unique_ptr<files::TemporaryFolder> clone_;
  std::unique_ptr<git::Repository> git_;
  std::unique_ptr<CommitFiles> commit_files_;
  const FileSource* files_ = nullptr;
  std::string root_;  // of the work tree
  std::string commit_;
  std::string data_root_;  // of the repository of data that was loaded last
  Config config_;
  StageIndex index_;
  std::set<std::string> outputs_;
  std::string cache_;   // of a local one: its objects need no remote
  std::mutex opening_;  // guards storages_ and git_ while several threads bring
  std::map<std::string, std::unique_ptr<RemoteObjects>> storages_;
};

}  // namespace slipway::data
