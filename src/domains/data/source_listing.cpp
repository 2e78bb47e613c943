#include <algorithm>
#include <map>

#include "domains/data/paths.h"
#include "domains/data/source_repository.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::data {

namespace {

constexpr size_t kDeepest = 128;

bool is_metafile(const std::string& name) {
  return name == "dvc.yaml" || name == ".dvcignore" || (name.ends_with(".dvc") && name.size() > 4);
}

std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : text::concat(prefix, "/", name);
}

size_t depth_of(const std::string& path) {
  return path.empty() ? 0 : static_cast<size_t>(std::count(path.begin(), path.end(), '/')) + 1;
}

}  // namespace

// Puts what lies in the folders and what is recorded as data over each other.
class SourceRepository::Lister {
 public:
  Lister(SourceRepository& from, std::string full, const ListOptions& options)
      : from_(from),
        full_(std::move(full)),
        options_(options),
        ignores_(from.data_root_, ".dvcignore", IgnoreRules::kDvc, {".hg/", ".git/", ".git", ".dvc/"}, *from.files_) {}

  // By path from the one asked for, itself as "".
  std::map<std::string, ListedFile> run() {
    const auto here = from_.files_->look(full_);
    if (here && !is_ignored(full_, here->is_folder)) add_files(full_, "", *here);
    for (const Stage& stage : from_.index_.stages()) {
      for (const Output& output : stage.outs) {
        if (!output.cache || output.record.hash.empty() || !paths::overlap(output.absolute, full_)) continue;
        if (paths::inside(output.absolute, full_)) {
          add_output(output);
        } else {
          add_part(output);
        }
      }
    }
    if (!options_.outputs_only) return std::move(found_);
    std::map<std::string, ListedFile> out;
    for (const std::string& path : outputs_) {
      for (std::string at = path;; at = paths::parent(at)) {
        if (at == ".") at.clear();
        out.emplace(at, found_.at(at));
        if (at.empty()) break;
      }
    }
    return out;
  }

 private:
  bool is_reached(const std::string& path) const { return !options_.depth || depth_of(path) <= *options_.depth; }

  // What lies deeper than asked for stands for its folder.
  std::string reached(std::string path) const {
    while (!is_reached(path)) path = path.substr(0, path.find('/') == std::string::npos ? 0 : path.rfind('/'));
    return path;
  }

  bool is_ignored(const std::string& path, bool is_folder) {
    return path != from_.data_root_ && paths::inside(path, from_.data_root_) &&
           ignores_.ignored(paths::relative(path, from_.data_root_), is_folder);
  }

  void add_files(const std::string& path, const std::string& shown, const FileSource::Info& info) {
    if (depth_of(shown) > kDeepest) return;
    if (!options_.outputs_only) {
      ListedFile& file = found_[shown];
      file.is_folder = info.is_folder;
      file.executable = info.executable;
      file.size = info.size;
    }
    if (!info.is_folder || options_.outputs_only || (options_.depth && depth_of(shown) >= *options_.depth)) return;
    const FileSource::Listing names = from_.files_->list(path);
    const auto add = [&](const std::string& name) {
      const std::string child = paths::join(path, name);
      const auto child_info = from_.files_->look(child);
      // A link to nowhere is a name without a size.
      const FileSource::Info known = child_info.value_or(FileSource::Info());
      if (!is_ignored(child, known.is_folder)) add_files(child, joined(shown, name), known);
    };
    for (const std::string& name : names.files) {
      if (options_.with_metafiles || !is_metafile(name)) add(name);
    }
    for (const std::string& name : names.folders) {
      if (name != ".git" && name != ".dvc") add(name);
    }
  }

  // Folders on the way to what is only recorded.
  void add_parents(const std::string& shown, bool are_outputs, const std::string& until) {
    for (std::string at = shown; !at.empty() && at != until;) {
      at = paths::parent(at);
      if (at == ".") at.clear();
      ListedFile& file = found_[at];
      file.is_folder = true;
      if (are_outputs && at != until) file.is_output = true;
    }
  }

  void add_entry(const std::string& shown, const std::string& hash, bool is_folder, const Record& record) {
    if (!is_reached(shown)) return;
    ListedFile& file = found_[shown];
    const bool is_there = file.size.has_value() || file.is_folder;
    file.is_output = true;
    file.hash = hash;
    outputs_.push_back(shown);
    if (!is_there) {
      file.is_folder = is_folder;
      file.executable = record.executable && !record.is_folder();
    }
  }

  void add_tree(const Output& output, const std::string& shown, const std::string& within) {
    for (const TreeEntry& entry : from_.read_tree(output).entries) {
      if (!within.empty() && !paths::inside(entry.path, within)) continue;
      const std::string rest = within.empty()         ? entry.path
                               : entry.path == within ? ""
                                                      : entry.path.substr(within.size() + 1);
      const std::string whole = rest.empty() ? shown : joined(shown, rest);
      const std::string path = reached(whole);
      add_parents(path, true, shown);
      if (path.size() < whole.size()) {
        ListedFile& folder = found_[path];
        folder.is_folder = true;
        folder.is_output = true;
        outputs_.push_back(path);
      } else {
        add_entry(path, entry.md5, false, output.record);
      }
    }
  }

  void add_output(const Output& output) {
    const std::string shown = output.absolute == full_ ? "" : paths::relative(output.absolute, full_);
    const std::string at = reached(shown);
    add_parents(at, false, "");
    if (at != shown) {
      found_[at].is_folder = true;
      outputs_.push_back(at);
      return;
    }
    add_entry(shown, output.record.hash, output.record.is_folder(), output.record);
    ListedFile& file = found_[shown];
    file.recorded = output.record.size;
    if (!file.size) file.size = output.record.size;
    if (output.record.is_folder() && (!options_.depth || depth_of(shown) < *options_.depth)) {
      add_tree(output, shown, "");
    }
  }

  // The path asked for lies in a tracked folder.
  void add_part(const Output& output) {
    if (!output.record.is_folder()) return;
    add_tree(output, "", paths::relative(full_, output.absolute));
    if (const auto self = found_.find(""); self != found_.end()) self->second.is_output = true;
  }

  SourceRepository& from_;
  const std::string full_;
  const ListOptions& options_;
  IgnoreTree ignores_;
  std::map<std::string, ListedFile> found_;
  std::vector<std::string> outputs_;
};

std::vector<ListedFile> SourceRepository::list(const std::string& path, const ListOptions& options) {
  const std::string full = paths::join(root_, path.starts_with('/') ? path.substr(1) : path);
  if (!paths::inside(full, root_)) throw invalid_argument("'", path, "' is outside of the repository '", url_, "'");
  load_data(full);
  const auto found = Lister(*this, full, options).run();
  if (found.empty() && full != root_) throw not_found("No such file or directory: '", path, "' in '", url_, "'");
  const auto self = found.find("");
  const bool is_single = self != found.end() && !self->second.is_folder;
  std::vector<ListedFile> out;
  for (const auto& [name, file] : found) {
    const bool is_self = name.empty();
    if (is_self && !is_single && options.depth != 0) continue;
    out.push_back(file);
    out.back().path = !is_self ? name : full == root_ ? "." : paths::name(full);
  }
  return out;
}

}  // namespace slipway::data
