// Every stage of a repository, how they depend on each other, and what a target on the command line means.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "domains/data/file_source.h"
#include "domains/data/ignore.h"
#include "domains/data/pipeline_file.h"
#include "domains/data/resolve.h"
#include "domains/data/stage.h"

namespace slipway::data {

// A stage that is meant by a target, and the path below one of its outputs when only that is meant.
struct Target {
  size_t stage = 0;
  std::string only;  // absolute; empty: the whole stage
};

class StageIndex {
 public:
  // Reads every .dvc and dvc.yaml below `root` that is not ignored. Folders that are outputs are not entered.
  static StageIndex load(const std::string& root, IgnoreTree& ignores, const FlagStyle& style,
                         const FileSource& source = disk());

  std::vector<Stage>& stages() { return stages_; }
  const std::vector<Stage>& stages() const { return stages_; }
  // What each dvc.yaml declares besides its stages (whose list is empty here).
  const std::vector<PipelineFile>& pipelines() const { return pipelines_; }
  // Stages whose outputs this stage needs, in the order of its dependencies.
  const std::vector<size_t>& needs(size_t stage) const { return needs_[stage]; }
  const std::vector<size_t>& needed_by(size_t stage) const { return needed_by_[stage]; }
  // These and all they need (frozen ones need nothing), each after what it needs; all stages when `wanted` is empty.
  std::vector<size_t> run_order(const std::vector<size_t>& wanted) const;

  // These and all that need them, each after what it needs.
  std::vector<size_t> downstream_order(const std::vector<size_t>& wanted) const;
  // These alone, each after what it needs among them; otherwise in the order of the files.
  std::vector<size_t> order_of(const std::vector<size_t>& wanted) const;
  // These and everything that hangs together with them in either direction.
  std::vector<size_t> connected_with(const std::vector<size_t>& wanted) const;

  // The stage that has this output, or an output above or below it.
  const Stage* find_owner(const std::string& path) const;
  // "train", "sub/dvc.yaml:train", "data.dvc", "dvc.yaml", "data/raw", a foreach group: seen from `from`.
  // Throws not_found.
  std::vector<Target> find_targets(const std::string& target, const std::string& from) const;
  // Throws failed_precondition for outputs that overlap and for cycles.
  void check() const;
  // After stages were added or changed.
  void connect();

 private:
  struct Walk {
    IgnoreTree& ignores;
    const FlagStyle& style;
    const FileSource& source;
  };
  void walk(const std::string& folder, const Walk& how, int depth);
  void visit(size_t stage, std::vector<char>& seen, std::vector<size_t>& order) const;

  std::string root_;
  std::vector<Stage> stages_;
  std::vector<PipelineFile> pipelines_;
  std::unordered_set<std::string> outs_;  // while walking: folders that are outputs are not entered
  size_t known_outs_ = 0;                 // stages whose outputs are in it
  // So that nothing looks at every stage for one path.
  std::map<std::string, size_t, std::less<>> owners_;              // by output
  std::map<std::string, std::vector<size_t>, std::less<>> files_;  // by the file that describes them
  std::vector<std::vector<size_t>> needs_;
  std::vector<std::vector<size_t>> needed_by_;
};

}  // namespace slipway::data
