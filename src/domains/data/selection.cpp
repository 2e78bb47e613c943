#include "domains/data/selection.h"

#include <glob.h>

#include <algorithm>
#include <map>
#include <set>

#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

std::vector<std::string> expand(const Selection& selection, const std::string& from) {
  if (!selection.glob || selection.targets.empty()) return selection.targets;
  std::vector<std::string> out;
  for (const std::string& target : selection.targets) {
    glob_t found{};
    if (::glob(paths::join(from, target).c_str(), 0, nullptr, &found) == 0) {
      for (size_t i = 0; i < found.gl_pathc; ++i) out.push_back(paths::relative(found.gl_pathv[i], from));
    }
    ::globfree(&found);
  }
  if (out.empty()) throw not_found("Glob ['", text::join(selection.targets, "', '"), "'] has no matches.");
  return out;
}

std::vector<Target> targets_of(const StageIndex& index, const std::vector<std::string>& targets,
                               const Selection& selection, const std::string& from) {
  std::vector<Target> out;
  for (size_t i = 0; targets.empty() && i < index.stages().size(); ++i) out.push_back({i, ""});
  for (const std::string& target : targets) {
    const std::string folder = paths::join(from, target);
    if (selection.recursive && paths::is_folder(folder)) {
      for (size_t i = 0; i < index.stages().size(); ++i) {
        if (paths::inside(index.stages()[i].file, folder)) out.push_back({i, ""});
      }
      continue;
    }
    const std::vector<Target> found = index.find_targets(target, from);
    out.insert(out.end(), found.begin(), found.end());
    if (!selection.with_deps) continue;
    for (const Target& one : found) {
      for (const size_t stage : index.run_order({one.stage})) {
        if (stage != one.stage) out.push_back({stage, ""});
      }
    }
  }
  return out;
}

bool is_wanted(const Stage& stage, const Output& output, const Selection& selection) {
  // An import that was not downloaded yet has no hash.
  if (!output.cache || (output.record.hash.empty() && !stage.is_import())) return false;
  if (selection.max_size && output.record.size && *output.record.size >= *selection.max_size) return false;
  return selection.types.empty() ||
         std::any_of(selection.types.begin(), selection.types.end(),
                     [&](const std::string& type) { return type == "metrics" ? output.metric : output.plot; });
}

void collect(const StageIndex& index, const std::vector<Target>& targets, const Selection& selection,
             const Repository& repository, std::vector<SelectedData>& out) {
  for (const Target& target : targets) {
    const Stage& stage = index.stages()[target.stage];
    for (const Output& output : stage.outs) {
      if (!is_wanted(stage, output, selection)) continue;
      if (!target.only.empty() && !paths::overlap(target.only, output.absolute)) continue;
      SelectedData data;
      data.shown = repository.shown(output.absolute);
      const bool is_part = target.only.size() > output.absolute.size();
      if (is_part) data.only = paths::relative(target.only, output.absolute);
      data.remote = output.remote;
      data.record = output.record;
      data.push = output.push;
      data.from_repository = stage.is_repository_import();
      if (data.from_repository || (stage.is_import() && output.record.hash.empty())) data.import = stage;
      out.push_back(std::move(data));
    }
  }
}

// Commits by id, with how they are called.
std::map<std::string, std::string> other_versions(Repository& repository, const Selection& selection) {
  std::map<std::string, std::string> out;
  if (!selection.all_branches && !selection.all_tags && !selection.all_commits) return out;
  git::Repository& history = repository.history();
  const auto add = [&](const std::string& prefix) {
    for (const git::Reference& reference : history.references(prefix)) {
      out.emplace(reference.commit, reference.name.substr(prefix.size()));
    }
  };
  if (selection.all_branches || selection.all_commits) add("refs/heads/");
  if (selection.all_tags || selection.all_commits) add("refs/tags/");
  if (!selection.all_commits) return out;
  add("refs/remotes/");
  if (const auto head = history.find_commit("HEAD")) out.emplace(*head, "HEAD");
  std::vector<std::string> tips;
  for (const auto& [id, name] : out) tips.push_back(id);
  for (const git::Commit& commit : history.log(tips)) out.emplace(commit.id, commit.id.substr(0, 7));
  return out;
}

}  // namespace

Selected select(Repository& repository, const Selection& selection) {
  Selected out;
  std::exception_ptr failure;
  bool any = false;
  const std::vector<std::string> targets = expand(selection, repository.seen_from());
  const auto take = [&](const std::string& name, const std::function<StageIndex()>& load) {
    try {
      const StageIndex index = load();
      collect(index, targets_of(index, targets, selection, repository.seen_from()), selection, repository, out.data);
      any = true;
    } catch (const Error&) {
      failure = std::current_exception();
      out.skipped.push_back(name);
    }
  };
  take("workspace", [&] { return repository.load_index(); });
  for (const auto& [commit, name] : other_versions(repository, selection)) {
    take(name, [&, id = commit] { return repository.load_index(id); });
  }
  if (!any && failure) std::rethrow_exception(failure);
  return out;
}

std::vector<size_t> select_stages(Repository& repository, const StageIndex& index, const Selection& selection) {
  std::vector<size_t> out;
  std::set<size_t> seen;
  const std::vector<std::string> targets = expand(selection, repository.seen_from());
  for (const Target& target : targets_of(index, targets, selection, repository.seen_from())) {
    if (seen.insert(target.stage).second) out.push_back(target.stage);
  }
  return out;
}

}  // namespace slipway::data
