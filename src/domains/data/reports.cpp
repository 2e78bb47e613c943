#include "domains/data/reports.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "domains/data/params.h"
#include "domains/data/params_formats.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/git/repository.h"

namespace slipway::data {

namespace {

// Numbers, texts and maps of them; lists and nothing are no metrics.
Value metrics_of(const Value& value) {
  if (!value.is_map()) return value.is_list() ? Value() : value;
  Value out = Value::map();
  for (const Member& member : value.members()) {
    Value inner = metrics_of(member.value);
    if (inner.is_null() || (inner.is_map() && inner.empty())) continue;
    out.members().push_back({member.key, std::move(inner), member.typed_key});
  }
  return out;
}

class Reader {
 public:
  Reader(Repository& repository, const FileSource& source, StageIndex index, ReportKind kind,
         const ReportOptions& options)
      : repository_(repository), source_(source), kind_(kind), options_(options), index_(std::move(index)) {}

  Value read() {
    kind_ == ReportKind::kMetrics ? collect_metrics() : collect_parameters();
    Value out = Value::map();
    for (const std::string& path : files_) {
      for (const std::string& file : expanded(path)) {
        const std::string shown =
            paths::relative(file, options_.seen_from.empty() ? repository_.seen_from() : options_.seen_from);
        if (out.find(shown) == nullptr) out.set(shown, entry_of(file, keys_[path]));
      }
    }
    return out;
  }

 private:
  void want(const std::string& path) {
    if (std::find(files_.begin(), files_.end(), path) == files_.end()) files_.push_back(path);
  }
  void want_keys(const std::string& path, const std::vector<std::string>& keys) {
    want(path);
    if (keys.empty()) whole_.insert(path);
    auto& known = keys_[path];
    known.insert(known.end(), keys.begin(), keys.end());
    if (whole_.contains(path)) known.clear();
  }

  void collect_metrics() {
    for (const std::string& target : options_.targets) want(paths::join(repository_.seen_from(), target));
    if (!options_.targets.empty()) return;
    for (const Stage& stage : index_.stages()) {
      for (const Output& out : stage.outs) {
        if (out.metric) want(out.absolute);
      }
    }
    for (const PipelineFile& file : index_.pipelines()) {
      for (const std::string& path : file.metrics) want(paths::join(paths::parent(file.path), path));
    }
  }

  void collect_parameters() {
    for (const std::string& target : options_.targets) want_keys(paths::join(repository_.seen_from(), target), {});
    if (!options_.targets.empty()) return;
    for (const Stage& stage : index_.stages()) {
      for (const ParamsDependency& params : stage.params) want_keys(params.absolute, params.keys);
    }
    if (options_.only_dependencies) return;
    for (const PipelineFile& file : index_.pipelines()) {
      for (const std::string& path : file.params) want_keys(paths::join(paths::parent(file.path), path), {});
    }
    const std::string standard = paths::join(repository_.root(), "params.yaml");
    if (source_.exists(standard)) want_keys(standard, {});
  }

  // A folder means the files below it, in the tree or among what the cache has of it.
  std::vector<std::string> expanded(const std::string& path) {
    std::vector<std::string> out;
    if (source_.is_folder(path)) {
      walk(path, out);
    } else if (const auto tree = tracked_tree(path); tree && !source_.exists(path)) {
      for (const TreeEntry& entry : tree->entries) out.push_back(path + "/" + entry.path);
    } else {
      out.push_back(path);
    }
    return out;
  }
  void walk(const std::string& folder, std::vector<std::string>& out) const {
    const FileSource::Listing found = source_.list(folder);
    for (const std::string& name : found.files) out.push_back(folder + "/" + name);
    for (const std::string& name : found.folders) walk(folder + "/" + name, out);
  }

  const Output* owner_of(const std::string& path) const {
    for (const Stage& stage : index_.stages()) {
      for (const Output& out : stage.outs) {
        if (paths::inside(path, out.absolute) && !out.record.hash.empty()) return &out;
      }
    }
    return nullptr;
  }
  std::optional<Tree> tracked_tree(const std::string& path) const {
    const Output* owner = owner_of(path);
    const bool known = owner != nullptr && owner->absolute == path && owner->record.is_folder() &&
                       repository_.store().contains(owner->record.hash, owner->record.kind());
    if (!known) return std::nullopt;
    return repository_.store().read_tree(owner->record.hash, owner->record.kind());
  }

  // From the tree, or else the version that was recorded of it from the cache.
  std::string content_of(const std::string& path) const {
    if (source_.exists(path)) return source_.read(path);
    if (const Output* owner = owner_of(path)) {
      std::string hash = owner->record.hash;
      if (const auto tree = tracked_tree(owner->absolute); tree && path != owner->absolute) {
        const std::string inner = paths::relative(path, owner->absolute);
        const auto found = std::find_if(tree->entries.begin(), tree->entries.end(),
                                        [&](const TreeEntry& entry) { return entry.path == inner; });
        hash = found == tree->entries.end() ? "" : found->md5;
      }
      if (!hash.empty() && repository_.store().contains(hash, owner->record.kind())) {
        return files::read(repository_.store().path_of(hash, owner->record.kind()));
      }
    }
    throw not_found("[Errno 2] No such file or directory: '", path, "'");
  }

  Value entry_of(const std::string& path, const std::vector<std::string>& keys) {
    Value out = Value::map();
    try {
      Value all = parse_params(content_of(path), path);
      if (kind_ == ReportKind::kMetrics) all = metrics_of(all);
      out.set("data", all.is_null() ? Value::map() : keys.empty() ? all : picked(all, keys));
    } catch (const Error& error) {
      Value fault = Value::map();
      fault.set("type", Value::string(error_type(error, path)));
      fault.set("msg", Value::string(error.what()));
      out.set("error", std::move(fault));
    }
    return out;
  }

  // Named as the errors of DVC, which readers of the JSON know.
  static std::string error_type(const Error& error, const std::string& path) {
    if (error.code() == ErrorCode::kNotFound) return "FileNotFoundError";
    const std::string name = text::lower(paths::name(path));
    return text::concat(name.ends_with(".json")   ? "JSON"
                        : name.ends_with(".toml") ? "TOML"
                        : name.ends_with(".py")   ? "Python"
                                                  : "YAML",
                        "FileCorruptedError");
  }

  static Value picked(const Value& all, const std::vector<std::string>& keys) {
    Value out = Value::map();
    for (const std::string& key : keys) {
      auto found = select_key(all, key);
      if (!found) continue;
      Value* at = &out;
      const std::vector<std::string> parts = text::split(key, '.');
      for (size_t i = 0; i + 1 < parts.size(); ++i) {
        if (at->find(parts[i]) == nullptr) at->set(parts[i], Value::map());
        at = at->find(parts[i]);
      }
      at->set(parts.back(), std::move(*found));
    }
    return out;
  }

  Repository& repository_;
  const FileSource& source_;
  const ReportKind kind_;
  const ReportOptions& options_;
  StageIndex index_;
  std::vector<std::string> files_;
  std::set<std::string> whole_;
  std::map<std::string, std::vector<std::string>> keys_;
};

// Of a commit; of the workspace when there is none.
Report report_of(Repository& repository, const std::optional<std::string>& commit, ReportKind kind,
                 const std::string& revision, const ReportOptions& options) {
  Report out;
  out.revision = revision;
  try {
    if (commit) {
      const CommitFiles files = repository.files_of(*commit);
      out.files = Reader(repository, files, repository.load_index(*commit), kind, options).read();
    } else {
      out.files = Reader(repository, disk(), repository.load_index(), kind, options).read();
    }
  } catch (const Error& error) {
    out.error = error.what();
  }
  return out;
}

// Commits in the order they are named first, each with all its names.
std::vector<std::pair<std::string, std::string>> revisions_of(const git::Repository& git,
                                                              const ReportOptions& options) {
  std::vector<std::pair<std::string, std::string>> out;
  std::unordered_map<std::string, size_t> places;
  const auto add = [&](const std::string& commit, const std::string& name) {
    const auto [known, is_new] = places.emplace(commit, out.size());
    if (is_new) {
      out.emplace_back(commit, name);
    } else if (std::string& names = out[known->second].second; names != name) {
      names += "," + name;
    }
  };
  const auto add_all = [&](const std::string& prefix) {
    for (const git::Reference& reference : git.references(prefix)) {
      add(reference.commit, reference.name.substr(prefix.size()));
    }
  };
  if (options.all_commits) {
    std::vector<std::string> heads;
    for (const char* prefix : {"refs/heads/", "refs/tags/", "refs/remotes/"}) {
      for (const git::Reference& reference : git.references(prefix)) heads.push_back(reference.commit);
    }
    if (const auto head = git.find_commit("HEAD")) heads.push_back(*head);
    for (const git::Commit& commit : git.log(heads)) add(commit.id, commit.id);
  } else {
    if (options.all_branches) add_all("refs/heads/");
    if (options.all_tags) add_all("refs/tags/");
  }
  return out;
}

Value lists_as_text(const Value& value) {
  if (value.is_list()) return Value::string(python_literal(value));
  if (!value.is_map()) return value;
  Value out = Value::map();
  for (const Member& member : value.members())
    out.members().push_back({member.key, lists_as_text(member.value), false});
  return out;
}

bool is_number(const Value& value) {
  return value.kind() == Value::Kind::kInt || value.kind() == Value::Kind::kFloat || value.kind() == Value::Kind::kBool;
}

Value difference(const Value& before, const Value& after) {
  const auto whole = [](const Value& value) -> std::optional<int64_t> {
    if (value.kind() == Value::Kind::kBool) return value.as_bool() ? 1 : 0;
    return value.kind() == Value::Kind::kInt ? text::parse_int(value.text()) : std::nullopt;
  };
  const auto a = whole(before);
  const auto b = whole(after);
  int64_t out = 0;
  if (before.kind() == Value::Kind::kInt && before.text() == after.text()) return Value::integer(0);
  if (a && b && !__builtin_sub_overflow(*b, *a, &out)) return Value::integer(out);
  return Value::floating(after.as_double() - before.as_double());
}

std::optional<Value> change_of(const Value* before, const Value* after, bool with_unchanged) {
  static const Value nothing;
  const Value& from = before == nullptr ? nothing : *before;
  const Value& to = after == nullptr ? nothing : *after;
  if (!with_unchanged && from == to) return std::nullopt;
  Value out = Value::map();
  out.set("old", from);
  out.set("new", to);
  if (is_number(from) && is_number(to)) out.set("diff", difference(from, to));
  return out;
}

Value data_in(const Value& files, const std::string& file) {
  const Value* entry = files.find(file);
  const Value* data = entry == nullptr ? nullptr : entry->find("data");
  return data == nullptr ? Value::map() : lists_as_text(*data);
}

std::vector<std::string> keys_of(const Value& before, const Value& after) {
  std::vector<std::string> out;
  for (const Member& member : before.members()) out.push_back(member.key);
  for (const Member& member : after.members()) {
    if (before.find(member.key) == nullptr) out.push_back(member.key);
  }
  return out;
}

void flatten_into(const Value& value, const std::string& prefix, Value& out) {
  for (const Member& member : value.members()) {
    if (member.value.is_map() && !member.value.empty()) {
      flatten_into(member.value, prefix + member.key + ".", out);
    } else {
      out.set(prefix + member.key, member.value);
    }
  }
}

}  // namespace

bool Report::failed() const {
  return error.has_value() || std::any_of(files.members().begin(), files.members().end(),
                                          [](const Member& member) { return member.value.find("error") != nullptr; });
}

Report read_report(Repository& repository, ReportKind kind, const std::string& revision, const ReportOptions& options) {
  if (revision == "workspace") return report_of(repository, std::nullopt, kind, revision, options);
  const auto commit = repository.history().find_commit(revision);
  if (!commit) throw not_found("unknown Git revision '", revision, "'");
  return report_of(repository, *commit, kind, revision, options);
}

std::vector<Report> show_reports(Repository& repository, ReportKind kind, const ReportOptions& options) {
  std::vector<Report> out;
  const bool others = options.all_branches || options.all_tags || options.all_commits;
  out.push_back(report_of(repository, std::nullopt, kind, others ? "workspace" : "", options));
  if (!others) return out;
  for (const auto& [commit, names] : revisions_of(repository.history(), options)) {
    out.push_back(report_of(repository, commit, kind, names, options));
  }
  const auto branch = repository.history().head_branch();
  const std::string active = branch && branch->starts_with("refs/heads/") ? branch->substr(11) : "";
  const bool same = std::any_of(out.begin() + 1, out.end(), [&](const Report& report) {
    return report.revision == active && !report.error && report.files == out.front().files;
  });
  if (same) out.erase(out.begin());
  return out;
}

Value compare_reports(const Report& before, const Report& after, bool with_unchanged) {
  Value out = Value::map();
  for (const std::string& file : keys_of(before.files, after.files)) {
    const Value old_data = data_in(before.files, file);
    const Value new_data = data_in(after.files, file);
    Value changes = Value::map();
    if (old_data.is_map() || new_data.is_map()) {
      const Value old_flat = flattened(old_data);
      const Value new_flat = flattened(new_data);
      for (const std::string& key : keys_of(old_flat, new_flat)) {
        if (auto change = change_of(old_flat.find(key), new_flat.find(key), with_unchanged)) changes.set(key, *change);
      }
    } else if (auto change = change_of(&old_data, &new_data, with_unchanged)) {
      changes.set("", *change);
    }
    if (!changes.empty()) out.set(file, std::move(changes));
  }
  return out;
}

Value flattened(const Value& value) {
  Value out = Value::map();
  flatten_into(value, "", out);
  return out;
}

bool has_commits(Repository& repository) {
  const auto git = repository.git() == nullptr ? nullptr : git::Repository::find(repository.root());
  return git && git->find_commit("HEAD").has_value();
}

}  // namespace slipway::data
