#include "domains/data/index.h"

#include <algorithm>
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
  out.walk(root, ignores, style, source, 0);
  out.connect();
  return out;
}

void StageIndex::walk(const std::string& folder, IgnoreTree& ignores, const FlagStyle& style, const FileSource& source,
                      int depth) {
  if (depth > kMaxDepth) return;
  const FileSource::Listing found = source.list(folder);
  for (const std::string& name : found.files) {
    if (!describes_stages(name)) continue;
    const std::string path = child(folder, name);
    if (ignores.ignored(paths::relative(path, root_), false) || source.is_folder(path)) continue;
    if (name == "dvc.yaml") {
      for (Stage& stage : read_pipeline(path, style, source)) stages_.push_back(std::move(stage));
    } else if (const auto text = source.find(path)) {
      stages_.push_back(parse_dvc_file(*text, path));
    }
  }
  for (const std::string& name : found.folders) {
    if (is_internal(name)) continue;
    const std::string path = child(folder, name);
    const bool is_output = std::any_of(stages_.begin(), stages_.end(), [&](const Stage& stage) {
      return std::any_of(stage.outs.begin(), stage.outs.end(), [&](const Output& out) { return out.absolute == path; });
    });
    // A folder with a .dvc of its own is another repository.
    if (is_output || ignores.ignored(paths::relative(path, root_), true) || source.is_folder(path + "/.dvc")) continue;
    walk(path, ignores, style, source, depth + 1);
  }
}

void StageIndex::connect() {
  // Outputs by path, so that each dependency finds what holds it or lies in it without looking at all others.
  std::map<std::string, size_t, std::less<>> owners;
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (const Output& out : stages_[i].outs) owners.emplace(out.absolute, i);
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
        if (const auto owner = owners.find(at); owner != owners.end()) need(owner->second);
      }
      const std::string below = path + "/";
      for (auto at = owners.lower_bound(below); at != owners.end() && at->first.starts_with(below); ++at)
        need(at->second);
    };
    for (const Dependency& dep : stages_[i].deps) look(dep.absolute);
    for (const ParamsDependency& params : stages_[i].params) look(params.absolute);
  }
}

std::vector<size_t> StageIndex::needed_by(size_t stage) const {
  std::vector<size_t> out;
  for (size_t i = 0; i < needs_.size(); ++i) {
    if (std::find(needs_[i].begin(), needs_[i].end(), stage) != needs_[i].end()) out.push_back(i);
  }
  return out;
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
  std::vector<char> seen(stages_.size(), 0);
  std::vector<size_t> order;
  if (wanted.empty()) {
    for (size_t i = 0; i < stages_.size(); ++i) visit(i, seen, order);
  }
  for (const size_t stage : wanted) visit(stage, seen, order);
  return order;
}

std::vector<size_t> StageIndex::downstream_order(const std::vector<size_t>& wanted) const {
  std::set<size_t> reached(wanted.begin(), wanted.end());
  std::vector<size_t> open = wanted;
  while (!open.empty()) {
    const size_t stage = open.back();
    open.pop_back();
    for (const size_t next : needed_by(stage)) {
      if (reached.insert(next).second) open.push_back(next);
    }
  }
  std::vector<size_t> out;
  for (const size_t stage : run_order({})) {
    if (reached.contains(stage)) out.push_back(stage);
  }
  return out;
}

const Stage* StageIndex::find_owner(const std::string& path) const {
  for (const Stage& stage : stages_) {
    for (const Output& out : stage.outs) {
      if (paths::overlap(path, out.absolute)) return &stage;
    }
  }
  return nullptr;
}

std::vector<Target> StageIndex::find_targets(const std::string& target, const std::string& from) const {
  std::vector<Target> out;
  const size_t colon = target.rfind(':');
  const std::string file = paths::join(from, target.substr(0, colon));
  const std::string name = colon == std::string::npos ? target : target.substr(colon + 1);
  const std::string pipeline = colon == std::string::npos ? paths::join(from, "dvc.yaml") : file;
  const std::string path = paths::join(from, target);
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    const bool by_name =
        stage.file == pipeline && !stage.name.empty() && (stage.name == name || stage.name.starts_with(name + "@"));
    if (by_name || stage.file == path) out.push_back({i, ""});
  }
  if (!out.empty()) return out;
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (const Output& output : stages_[i].outs) {
      if (paths::inside(path, output.absolute)) out.push_back({i, path});
    }
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
      throw failed_precondition("Pipeline has a cycle involving: ", stages_[i].address(root_), ", ",
                                stages_[other].address(root_), ".");
    }
  }
}

}  // namespace slipway::data
