// Brings the workspace to an experiment.
#include <algorithm>

#include "domains/data/checkout.h"
#include "domains/data/paths.h"
#include "domains/experiments/run.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/git/writing.h"

namespace slipway::experiments {

namespace {

constexpr const char* kBefore = "refs/exps/apply/ORIG_HEAD";
constexpr const char* kStash = "refs/exps/apply/stash";

// Paths that differ from HEAD, or are untracked and would be overwritten.
std::vector<std::string> changed_paths(const git::Repository& git, const std::string& target) {
  std::vector<std::string> out;
  const git::WorkStatus status = git.status();
  for (const auto& list : {status.staged, status.unstaged}) {
    for (const git::WorkStatus::Change& change : list) out.push_back(change.path);
  }
  for (const std::string& path : status.untracked) {
    if (git.find_entry(target, path)) out.push_back(path);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

void apply(data::Repository& repository, const std::string& revision) {
  const git::Repository& git = repository.history();
  const std::string head = head_of(git);
  const std::string target = resolve(git, revision);
  const std::vector<std::string> changed = changed_paths(git, target);
  std::string before = head;
  if (!changed.empty()) {
    git::TreeDraft draft(git);
    draft.take_tracked(git);
    for (const std::string& path : changed) draft.take(git, path, true);
    const std::string index =
        git::create_commit(git, {git::index_tree(git), {head}, text::concat("index before ", revision)});
    before = git::create_commit(
        git, {draft.write(), {head, index}, text::concat("dvc-exp-apply:", head, ":", target, ":", revision)});
    git::set_reference(git, kStash, before);
  }
  git::set_reference(git, kBefore, head);
  git::overwrite_work_tree(git, target);
  // Of what was changed, what the experiment does not have stays.
  for (const std::string& path : changed) {
    const std::string full = data::paths::join(git.work_folder(), path);
    if (git.find_entry(target, path) || files::exists(full)) continue;
    if (const auto content = git.find_file(before, path)) files::write_atomic(full, *content);
  }
  data::CheckoutOptions checkout;
  checkout.force = true;
  const data::CheckoutResult result = data::checkout(repository, {}, checkout);
  if (!result.failed.empty()) {
    throw not_found("Checkout failed for following targets:\n", text::join(result.failed, "\n"),
                    "\nIs your cache up to date? Bring it with `slipway fetch`.");
  }
  git::set_reference(git, std::string(kApplied), target);
}

}  // namespace slipway::experiments
