#include "domains/data/index.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "domains/data/dvcfile.h"
#include "domains/data/paths.h"
#include "domains/data/pipeline_file.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

constexpr int kMaxDepth = 128;

// Data is below none of these.
bool is_internal(const std::string& name) { return name == ".git" || name == ".dvc" || name == ".hg"; }

bool describes_stages(const std::string& name) {
  return name == "dvc.yaml" || (name.ends_with(".dvc") && name.size() > 4);
}

std::string child(const std::string& folder, const std::string& name) {
  return folder == "/" ? "/" + name : folder + "/" + name;
}

}  // namespace

StageIndex StageIndex::load(const std::string& root, IgnoreTree& ignores, const FlagStyle& style,
                            const FileSource& source) {
  StageIndex out;
  out.root_ = root;
  out.walk(root, Walk{ignores, style, source}, 0);
  out.connect();
  return out;
}

void StageIndex::walk(const std::string& folder, const Walk& how, int depth) {
  if (depth > kMaxDepth) return;
  const FileSource::Listing found = how.source.list(folder);
  for (const std::string& name : found.files) {
    if (!describes_stages(name)) continue;
    const std::string path = child(folder, name);
    if (how.ignores.ignored(paths::relative(path, root_), false) || how.source.is_folder(path)) continue;
    if (name == "dvc.yaml") {
      PipelineFile file = read_pipeline_file(path, how.style, how.source);
      for (Stage& stage : file.stages) stages_.push_back(std::move(stage));
      file.stages.clear();
      pipelines_.push_back(std::move(file));
    } else {
      stages_.push_back(parse_dvc_file(how.source.read(path), path));
    }
    for (size_t i = known_outs_; i < stages_.size(); ++i) {
      for (const Output& out : stages_[i].outs) outs_.insert(out.absolute);
    }
    known_outs_ = stages_.size();
  }
  for (const std::string& name : found.folders) {
    if (is_internal(name)) continue;
    const std::string path = child(folder, name);
    // A folder with a .dvc of its own is another repository.
    if (outs_.contains(path) || how.ignores.ignored(paths::relative(path, root_), true) ||
        how.source.is_folder(path + "/.dvc")) {
      continue;
    }
    walk(path, how, depth + 1);
  }
}

void StageIndex::connect() {
  owners_.clear();
  files_.clear();
  for (size_t i = 0; i < stages_.size(); ++i) {
    files_[stages_[i].file].push_back(i);
    for (const Output& out : stages_[i].outs) owners_.emplace(out.absolute, i);
  }
  needs_.assign(stages_.size(), {});
  for (size_t i = 0; i < stages_.size(); ++i) {
    const auto need = [&](size_t other) {
      auto& list = needs_[i];
      if (other != i && std::find(list.begin(), list.end(), other) == list.end()) list.push_back(other);
    };
    const auto look = [&](const std::string& path) {
      if (path.empty()) return;
      for (std::string at = path; at.size() > root_.size(); at = paths::parent(at)) {
        if (const auto owner = owners_.find(at); owner != owners_.end()) need(owner->second);
      }
      const std::string below = path + "/";
      for (auto at = owners_.lower_bound(below); at != owners_.end() && at->first.starts_with(below); ++at)
        need(at->second);
    };
    for (const Dependency& dep : stages_[i].deps) look(dep.absolute);
    for (const ParamsDependency& params : stages_[i].params) look(params.absolute);
  }
  needed_by_.assign(stages_.size(), {});
  for (size_t i = 0; i < needs_.size(); ++i) {
    for (const size_t other : needs_[i]) needed_by_[other].push_back(i);
  }
}

void StageIndex::visit(size_t stage, std::vector<char>& seen, std::vector<size_t>& order) const {
  if (seen[stage] != 0) return;
  seen[stage] = 1;
  if (!stages_[stage].frozen) {
    for (const size_t other : needs_[stage]) visit(other, seen, order);
  }
  order.push_back(stage);
}

std::vector<size_t> StageIndex::run_order(const std::vector<size_t>& wanted) const {
  if (!wanted.empty()) {
    std::vector<char> seen(stages_.size(), 0);
    std::vector<size_t> reached;
    for (const size_t stage : wanted) visit(stage, seen, reached);
    return order_of(reached);
  }
  std::vector<size_t> all(stages_.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return order_of(all);
}

std::vector<size_t> StageIndex::order_of(const std::vector<size_t>& wanted) const {
  std::vector<char> seen(stages_.size(), 1);
  for (const size_t stage : wanted) seen[stage] = 0;
  std::vector<size_t> order;
  for (size_t i = 0; i < stages_.size(); ++i) visit(i, seen, order);
  return order;
}

std::vector<size_t> StageIndex::downstream_order(const std::vector<size_t>& wanted) const {
  std::set<size_t> reached(wanted.begin(), wanted.end());
  std::vector<size_t> open = wanted;
  while (!open.empty()) {
    const size_t stage = open.back();
    open.pop_back();
    for (const size_t next : needed_by_[stage]) {
      if (!stages_[next].frozen && reached.insert(next).second) open.push_back(next);
    }
  }
  return order_of({reached.begin(), reached.end()});
}

std::vector<size_t> StageIndex::connected_with(const std::vector<size_t>& wanted) const {
  std::set<size_t> reached(wanted.begin(), wanted.end());
  std::vector<size_t> open = wanted;
  while (!open.empty()) {
    const size_t stage = open.back();
    open.pop_back();
    const auto enter = [&](size_t from, size_t next) {
      if (!stages_[from].frozen && reached.insert(next).second) open.push_back(next);
    };
    for (const size_t next : needed_by_[stage]) enter(next, next);
    for (const size_t next : needs_[stage]) enter(stage, next);
  }
  return {reached.begin(), reached.end()};
}

const Stage* StageIndex::find_owner(const std::string& path) const {
  for (std::string at = path; at.size() > root_.size(); at = paths::parent(at)) {
    if (const auto found = owners_.find(at); found != owners_.end()) return &stages_[found->second];
  }
  const std::string below = path + "/";
  const auto found = owners_.lower_bound(below);
  return found != owners_.end() && found->first.starts_with(below) ? &stages_[found->second] : nullptr;
}

std::vector<Target> StageIndex::find_targets(const std::string& target, const std::string& from) const {
  std::vector<Target> out;
  const size_t colon = target.rfind(':');
  const std::string file = paths::join(from, target.substr(0, colon));
  const std::string name = colon == std::string::npos ? target : target.substr(colon + 1);
  const std::string pipeline = colon == std::string::npos ? paths::join(from, "dvc.yaml") : file;
  const std::string path = paths::join(from, target);
  std::set<size_t> chosen;
  if (const auto here = files_.find(pipeline); here != files_.end()) {
    for (const size_t i : here->second) {
      const std::string& known = stages_[i].name;
      if (!known.empty() && (known == name || known.starts_with(name + "@"))) chosen.insert(i);
    }
  }
  if (const auto here = files_.find(path); here != files_.end())
    chosen.insert(here->second.begin(), here->second.end());
  for (const size_t i : chosen) out.push_back({i, ""});
  if (!out.empty()) return out;
  for (std::string at = path; at.size() > root_.size(); at = paths::parent(at)) {
    if (const auto owner = owners_.find(at); owner != owners_.end()) out.push_back({owner->second, path});
  }
  if (!out.empty()) return out;
  if (target.ends_with(".dvc") || target.ends_with("dvc.yaml")) throw not_found("'", target, "' does not exist");
  const bool has_pipeline = files::exists(pipeline);
  throw not_found("'", target, "' does not exist as an output or a stage name in 'dvc.yaml'",
                  has_pipeline ? "" : ": 'dvc.yaml' does not exist");
}

void StageIndex::check() const {
  std::map<std::string, const Stage*, std::less<>> outs;
  for (const Stage& stage : stages_) {
    for (const Output& out : stage.outs) {
      if (const auto [at, fresh] = outs.emplace(out.absolute, &stage); !fresh) {
        throw failed_precondition("output '", paths::relative(out.absolute, root_), "' is specified in:\n\t- ",
                                  at->second->address(root_), "\n\t- ", stage.address(root_));
      }
    }
  }
  for (const auto& [path, stage] : outs) {
    for (std::string at = paths::parent(path); at.size() > root_.size(); at = paths::parent(at)) {
      const auto outer = outs.find(at);
      if (outer == outs.end()) continue;
      throw failed_precondition(
          "The output paths:\n'", paths::relative(outer->first, root_), "'('", outer->second->address(root_), "')\n'",
          paths::relative(path, root_), "'('", stage->address(root_),
          "')\noverlap and are thus in the same tracked directory.\n",
          "To keep reproducibility, outputs should be in separate tracked directories or tracked ", "individually.");
    }
  }
  const std::vector<size_t> order = run_order({});
  std::vector<size_t> position(stages_.size());
  for (size_t i = 0; i < order.size(); ++i) position[order[i]] = i;
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (const size_t other : needs_[i]) {
      if (stages_[i].frozen || position[other] < position[i]) continue;
      throw failed_precondition("Same item(s) are defined as both a dependency and an output in stages: ",
                                stages_[other].address(root_), ", ", stages_[i].address(root_), ".");
    }
  }
}

}  // namespace slipway::data
