// A repository of tracked data: a folder with .dvc in it, in DVC's own formats. The way into the data domain: open one,
// then call the functions of add.h, status.h, checkout.h, remote.h and pipeline.h on it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domains/data/config.h"
#include "domains/data/git.h"
#include "domains/data/index.h"
#include "domains/data/locks.h"
#include "domains/data/objects.h"
#include "domains/data/scan.h"
#include "domains/data/shared_links.h"
#include "domains/data/state.h"
#include "foundation/git/repository.h"

namespace slipway::data {

// A file that records versions of data (.dvc or dvc.lock): its path from the root, and its content.
struct VersionFile {
  std::string path;
  std::string text;
};

struct CreateOptions {
  bool scm = true;      // the folder must be the root of a Git work tree
  bool subdir = false;  // or lie inside one
  bool force = false;   // replace an existing .dvc
};

class Repository {
 public:
  // The root of the repository that `folder` lies in, or nothing.
  static std::optional<std::string> discover(const std::string& folder);
  // Throws already_exists and failed_precondition with DVC's words.
  static void create(const std::string& folder, const CreateOptions& options);

  // `seen_from` is the folder that paths in targets start from and in answers are shown from; empty: the root.
  // Throws invalid_argument when a configuration file is damaged.
  explicit Repository(std::string root, const std::string& seen_from = "");
  ~Repository();

  const std::string& root() const { return root_; }
  const std::string& seen_from() const { return seen_from_; }
  std::string dvc_folder() const { return root_ + "/.dvc"; }
  const Config& config() const { return config_; }
  const ObjectStore& store() const { return *store_; }
  const std::vector<LinkKind>& links() const { return links_; }
  GitFolder* git() { return git_.get(); }  // nullptr without Git
  // Any commit of it. Opened by the first call; throws failed_precondition without Git.
  git::Repository& history();
  HashState& state() { return *state_; }
  IgnoreTree& ignores() { return *ignores_; }
  Scanner scanner() { return {root_, *ignores_, *state_}; }
  FlagStyle flag_style() const;

  RepositoryLock lock() const { return RepositoryLock(dvc_folder() + "/tmp/lock"); }
  StageIndex load_index();
  // What a commit has, as if it were checked out.
  CommitFiles files_of(const std::string& commit);
  // As a commit has it; empty when the commit has no repository of data here.
  StageIndex load_index(const std::string& commit);
  // Looks only; the cache is not touched.
  std::optional<Fingerprint> look(const std::string& path, const Record& record);
  std::string shown(const std::string& absolute) const { return shown_path(absolute, root_, seen_from_); }

  // Keeps the path out of Git, or stops doing so.
  void ignore(const std::string& path);
  void stop_ignoring(const std::string& path);
  // Outputs that were put into the workspace, by this program or by dvc, as paths from the root: what of them is no
  // longer tracked can be taken away.
  std::set<std::string> placed() const;
  void note_placed(const std::string& path);
  void forget_placed(const std::string& path);
  // A file that Git should see; what was noted is staged or named to the user at the end.
  void note_changed(const std::string& path);
  // Remembers hashes, stages changed files when core.autostage asks for it. What the user should `git add`, as shown.
  std::vector<std::string> finish();

  // Every .dvc and dvc.lock as it is now, sorted by path.
  std::vector<VersionFile> snapshot();
  // One name for the versions of all tracked data: the SHA-256 over the snapshot and the commit checked out in Git.
  std::string data_commit();
  // Puts the outputs that the snapshot names into a fresh folder, from the cache. Throws not_found when the cache lacks
  // what a .dvc file names; `slipway fetch` brings it. Gives the outputs of dvc.lock that the cache lacks: those that
  // Git keeps (cache: false), or whose stage has to run again.
  std::vector<std::string> materialize(const std::vector<VersionFile>& snapshot, const std::string& folder);

 private:
  const std::string root_;
  const std::string seen_from_;
  const Config config_;
  std::vector<LinkKind> links_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<GitFolder> git_;
  std::unique_ptr<git::Repository> history_;
  std::unique_ptr<HashState> state_;
  std::unique_ptr<IgnoreTree> ignores_;
  void share_links();

  std::vector<std::string> changed_files_;
  const SharedLinks shared_links_;
  // Since the list that is shared with dvc was last written.
  std::set<std::string> entered_links_;
  std::set<std::string> struck_links_;
};

}  // namespace slipway::data
