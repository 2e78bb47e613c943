#include "domains/experiments/references.h"

#include <algorithm>
#include <set>

#include "domains/experiments/names.h"
#include "foundation/base/error.h"
#include "foundation/git/writing.h"

namespace slipway::experiments {

namespace {

constexpr std::string_view kNamespace = "refs/exps/";
constexpr std::string_view kHeads = "refs/heads/";
constexpr size_t kIdDigits = 40;

std::vector<Experiment> list_below(const git::Repository& git, const std::string& prefix) {
  std::vector<Experiment> out;
  for (const git::Reference& reference : git.references(prefix)) {
    if (auto found = parse_reference(reference.name, reference.commit)) out.push_back(std::move(*found));
  }
  return out;
}

bool is_hexadecimal(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string reference_of(const std::string& baseline, const std::string& name) {
  return text::concat(kNamespace, baseline.substr(0, 2), "/", baseline.substr(2), "/", name);
}

std::optional<Experiment> parse_reference(const std::string& reference, const std::string& commit) {
  const std::vector<std::string> parts = text::split(reference, '/');
  if (!reference.starts_with(kNamespace) || parts.size() != 5) return std::nullopt;
  Experiment out{parts[2] + parts[3], parts[4], commit};
  if (parts[2].size() != 2 || out.baseline.size() != kIdDigits || !is_hexadecimal(out.baseline)) return std::nullopt;
  return out;
}

std::vector<Experiment> list(const git::Repository& git) { return list_below(git, std::string(kNamespace)); }

std::vector<Experiment> list_of(const git::Repository& git, const std::string& baseline) {
  return list_below(git, reference_of(baseline, ""));
}

std::optional<Experiment> find(const git::Repository& git, const std::string& name) {
  std::vector<Experiment> named;
  for (Experiment& experiment : list(git)) {
    if (name.starts_with(kNamespace) ? reference_of(experiment.baseline, experiment.name) == name
                                     : experiment.name == name) {
      named.push_back(std::move(experiment));
    }
  }
  if (named.empty()) return std::nullopt;
  if (named.size() == 1) return named.front();
  const auto head = git.find_commit("HEAD");
  std::string known;
  for (const Experiment& experiment : named) {
    if (experiment.baseline == head) return experiment;
    known += text::concat("\n\t", reference_of(experiment.baseline, experiment.name));
  }
  throw invalid_argument("Ambiguous name '", name,
                         "' refers to multiple experiments. Use one of the following full refnames instead:\n", known);
}

std::vector<Experiment> get(const git::Repository& git, const std::vector<std::string>& names) {
  std::vector<Experiment> out;
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    auto found = find(git, name);
    found ? out.push_back(std::move(*found)) : unknown.push_back(name);
  }
  if (unknown.empty()) return out;
  throw invalid_argument("'", text::join(unknown, "; "), "' ",
                         unknown.size() == 1 ? "is not a valid experiment name" : "are not valid experiment names");
}

std::string resolve(const git::Repository& git, const std::string& revision) {
  if (auto commit = git.find_commit(revision)) return *commit;
  if (auto experiment = find(git, revision)) return experiment->commit;
  throw not_found("unknown Git revision '", revision, "'");
}

std::vector<std::string> select(const git::Repository& git, const Baselines& wanted) {
  std::vector<std::string> out;
  std::set<std::string> known;
  const auto add = [&](const std::string& commit) {
    if (known.insert(commit).second) out.push_back(commit);
  };
  const auto add_with_parents = [&](const std::string& commit) {
    if (wanted.count == 0) return;
    git::LogOptions options;
    options.limit = wanted.count < 0 ? 0 : static_cast<size_t>(wanted.count);
    options.first_parent = true;
    for (const git::Commit& each : git.log({commit}, options)) add(each.id);
  };
  for (const std::string& revision : wanted.revisions) add_with_parents(resolve(git, revision));
  if (wanted.all_commits) {
    std::vector<std::string> heads;
    for (const char* prefix : {"refs/heads/", "refs/tags/", "refs/remotes/"}) {
      for (const git::Reference& reference : git.references(prefix)) heads.push_back(reference.commit);
    }
    if (const auto head = git.find_commit("HEAD")) heads.push_back(*head);
    for (const git::Commit& commit : git.log(heads)) add(commit.id);
    return out;
  }
  if (wanted.all_branches) {
    for (const git::Reference& branch : git.references(std::string(kHeads))) add_with_parents(branch.commit);
  }
  if (wanted.all_tags) {
    for (const git::Reference& tag : git.references("refs/tags/")) add(tag.commit);
  }
  return out;
}

std::optional<std::string> describe(const git::Repository& git, const std::string& commit) {
  const auto branch = git.head_branch();
  if (branch && branch->starts_with(kHeads) && git.find_commit("HEAD") == commit) return branch->substr(kHeads.size());
  for (const std::string prefix : {"refs/tags/", "refs/heads/"}) {
    for (const git::Reference& reference : git.references(prefix)) {
      if (reference.commit == commit) return reference.name.substr(prefix.size());
    }
  }
  return std::nullopt;
}

void check_name(const git::Repository& git, const std::string& baseline, const std::string& name, bool replace) {
  const std::string reference = reference_of(baseline, name);
  if (name.find('/') != std::string::npos || !git::is_reference_name(reference)) {
    throw invalid_argument("Invalid exp name ", name,
                           ", the exp name must follow rules in https://git-scm.com/docs/git-check-ref-format");
  }
  if (!replace && git.find_commit(reference)) {
    throw already_exists("Experiment conflicts with existing experiment '", name,
                         "'. Use -f to replace it, or give another name with -n.");
  }
}

std::string free_name(const git::Repository& git, const std::string& baseline) {
  for (;;) {
    std::string name = random_name();
    if (!git.find_commit(reference_of(baseline, name))) return name;
  }
}

void remove(const git::Repository& git, const Experiment& experiment) {
  if (git.find_commit(std::string(kApplied)) == experiment.commit) git::remove_reference(git, std::string(kApplied));
  git::remove_reference(git, reference_of(experiment.baseline, experiment.name));
}

void rename(const git::Repository& git, const Experiment& experiment, const std::string& name, bool replace) {
  check_name(git, experiment.baseline, name, replace);
  git::set_reference(git, reference_of(experiment.baseline, name), experiment.commit);
  git::remove_reference(git, reference_of(experiment.baseline, experiment.name));
}

std::string make_branch(const git::Repository& git, const std::string& experiment, const std::string& branch) {
  auto found = find(git, experiment);
  if (!found) {
    const auto commit = git.find_commit(experiment);
    for (Experiment& each : list(git)) {
      if (commit == each.commit && !found) found = std::move(each);
    }
    if (!commit) throw invalid_argument(experiment);
  }
  if (!found) throw invalid_argument("'", experiment, "' does not appear to be an experiment commit.");
  const std::string name = branch.empty() ? found->name + "-branch" : branch;
  const std::string reference = std::string(kHeads) + name;
  if (!git::is_reference_name(reference)) throw invalid_argument("'", name, "' cannot be the name of a branch");
  if (git.find_commit(reference)) throw invalid_argument("Git branch '", name, "' already exists.");
  git::set_reference(git, reference, found->commit,
                     text::concat("slipway: Created from experiment '", found->name, "'"));
  return name;
}

std::string head_of(const git::Repository& git) {
  auto head = git.find_commit("HEAD");
  if (!head) throw failed_precondition("Empty Git repo. Add a commit to use experiments.");
  return *head;
}

}  // namespace slipway::experiments
