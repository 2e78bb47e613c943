#include "domains/data/ignore.h"

#include <algorithm>

#include "foundation/base/text.h"

namespace slipway::data {

namespace {

// One [...] class at the start of `glob`; its length, or 0 when it is not closed.
size_t match_class(std::string_view glob, char c, bool& matched) {
  size_t i = 1;
  const bool inverted = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (inverted) ++i;
  bool found = false;
  for (bool first = true; i < glob.size() && (first || glob[i] != ']'); first = false) {
    if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
    const char from = glob[i++];
    char to = from;
    if (i + 1 < glob.size() && glob[i] == '-' && glob[i + 1] != ']') {
      to = glob[i + 1];
      i += 2;
    }
    if (from <= c && c <= to) found = true;
  }
  if (i >= glob.size()) return 0;
  matched = found != inverted && c != '/';
  return i + 1;
}

// Length of the glob piece at the start that stands for exactly one character, and whether it matches `c`.
size_t match_one(std::string_view glob, char c, bool& matched) {
  if (glob[0] == '?') {
    matched = c != '/';
    return 1;
  }
  if (glob[0] == '[') {
    if (const size_t length = match_class(glob, c, matched); length > 0) return length;
  }
  if (glob[0] == '\\' && glob.size() > 1) {
    matched = glob[1] == c;
    return 2;
  }
  matched = glob[0] == c;
  return 1;
}

// A set of positions in the glob that the text read so far can have reached: linear in text times glob, whatever the
// stars.
class Positions {
 public:
  explicit Positions(std::string_view glob) : glob_(glob), now_(glob.size() + 1), next_(glob.size() + 1) {}

  bool run(std::string_view text) {
    enter(now_, 0, true);
    for (size_t i = 0; i < text.size(); ++i) {
      std::fill(next_.begin(), next_.end(), false);
      for (size_t at = 0; at < glob_.size(); ++at) {
        if (now_[at]) step(at, text[i]);
      }
      std::swap(now_, next_);
    }
    return now_[glob_.size()];
  }

 private:
  bool starts_component(size_t at) const { return at == 0 || glob_[at - 1] == '/'; }
  // "**/" between slashes: any number of folders, also none.
  bool is_any_folders(size_t at) const { return glob_.substr(at, 3) == "**/" && starts_component(at); }
  bool is_everything(size_t at) const { return glob_.substr(at) == "**" && starts_component(at); }

  void enter(std::vector<bool>& set, size_t at, bool component_start) {
    if (set[at]) return;
    set[at] = true;
    if (at == glob_.size()) return;
    if (is_any_folders(at)) {
      if (component_start) enter(set, at + 3, true);
    } else if (glob_[at] == '*' && !is_everything(at)) {
      enter(set, at + 1, false);
    }
  }
  void step(size_t at, char c) {
    if (is_everything(at)) {
      enter(next_, at, false);
      next_[glob_.size()] = true;
    } else if (is_any_folders(at)) {
      next_[at] = true;
      if (c == '/') enter(next_, at + 3, true);
    } else if (glob_[at] == '*') {
      if (c != '/') enter(next_, at, false);
    } else {
      bool matched = false;
      const size_t length = match_one(glob_.substr(at), c, matched);
      if (matched) enter(next_, at + length, c == '/');
    }
  }

  const std::string_view glob_;
  std::vector<bool> now_;
  std::vector<bool> next_;
};

}  // namespace

bool glob_match(std::string_view glob, std::string_view text) { return Positions(glob).run(text); }

std::optional<IgnorePattern> IgnorePattern::parse(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  if (line.empty() || line[0] == '#') return std::nullopt;
  IgnorePattern out;
  out.text = line;
  if (line[0] == '!') {
    out.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    out.only_folders = true;
    line.remove_suffix(1);
  }
  out.anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return std::nullopt;
  out.glob = line;
  return out;
}

bool IgnorePattern::matches_name(std::string_view wanted, std::string_view path) const {
  if (!anchored) {
    const size_t slash = path.rfind('/');
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  }
  return glob_match(wanted, path);
}

bool IgnorePattern::matches(std::string_view path, bool is_folder) const {
  return (is_folder || !only_folders) && matches_name(glob, path);
}

bool IgnorePattern::matches_with_all_below(std::string_view path, bool is_folder, bool at_root) const {
  if (only_folders && !is_folder) return false;
  // "*/" and "**/" come to nothing there.
  if (only_folders && at_root && (glob == "*" || glob == "**")) return false;
  std::string_view wanted = glob;
  const bool only_inside = wanted.ends_with("/**");
  if (only_inside) wanted.remove_suffix(3);
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string_view part = path.substr(0, end);
    const bool is_whole = part.size() == path.size();
    const bool may_match = !is_whole || is_folder || !only_inside;
    if (may_match && matches_name(wanted, part)) return true;
    if (is_whole) return false;
  }
}

std::vector<IgnorePattern> parse_ignore_file(std::string_view text) {
  std::vector<IgnorePattern> out;
  size_t number = 0;
  for (const std::string& line : text::split(text, '\n')) {
    ++number;
    auto pattern = IgnorePattern::parse(line);
    if (!pattern) continue;
    pattern->line = number;
    out.push_back(std::move(*pattern));
  }
  return out;
}

std::string escape_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\[]!*#?").find(c) != std::string_view::npos) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

IgnoreTree::IgnoreTree(std::string root, std::string file_name, IgnoreRules rules,
                       const std::vector<std::string>& always, const FileSource& source)
    : root_(std::move(root)), file_name_(std::move(file_name)), rules_(rules), source_(source) {
  auto top = std::make_unique<Folder>();
  for (const std::string& line : always) {
    if (auto pattern = IgnorePattern::parse(line)) top->patterns.push_back(std::move(*pattern));
  }
  if (const auto text = source_.find(root_ + "/" + file_name_)) {
    for (auto& pattern : parse(*text)) top->patterns.push_back(std::move(pattern));
  }
  top->any = !top->patterns.empty();
  folders_.emplace("", std::move(top));
}

void IgnoreTree::add(std::string_view text) {
  Folder& top = *folders_.at("");
  auto patterns = parse_ignore_file(text);
  // Of less weight than the files of the tree, so in front of them.
  top.patterns.insert(top.patterns.begin(), patterns.begin(), patterns.end());
  top.any = !top.patterns.empty();
}

const IgnoreTree::Folder& IgnoreTree::folder(std::string_view path) {
  if (const auto known = folders_.find(std::string(path)); known != folders_.end()) return *known->second;
  const size_t slash = path.rfind('/');
  const Folder& parent = folder(slash == std::string_view::npos ? "" : path.substr(0, slash));
  auto made = std::make_unique<Folder>();
  made->parent = &parent;
  made->prefix = path.size() + 1;
  made->ignored = parent.ignored || decide(parent, path, true);
  const std::string file = text::concat(root_, "/", path, "/", file_name_);
  if (!made->ignored) {
    if (const auto text = source_.find(file)) made->patterns = parse(*text);
  }
  made->any = parent.any || !made->patterns.empty();
  return *folders_.emplace(std::string(path), std::move(made)).first->second;
}

std::vector<IgnorePattern> IgnoreTree::parse(std::string_view text) const {
  if (rules_ == IgnoreRules::kGit) return parse_ignore_file(text);
  std::string trimmed;
  for (const std::string& line : text::split(text, '\n')) trimmed.append(text::trim(line)).append("\n");
  return parse_ignore_file(trimmed);
}

// The last pattern that matches wins, and inner files come after outer ones.
IgnoreTree::Decision IgnoreTree::find(const Folder& in, std::string_view path, bool is_folder) const {
  for (const Folder* at = &in; at != nullptr && at->any; at = at->parent) {
    const std::string_view relative = path.substr(at->prefix);
    for (auto pattern = at->patterns.rbegin(); pattern != at->patterns.rend(); ++pattern) {
      const bool matches = rules_ == IgnoreRules::kGit
                               ? pattern->matches(relative, is_folder)
                               : pattern->matches_with_all_below(relative, is_folder, at->parent == nullptr);
      if (matches) return {&*pattern, at};
    }
  }
  return {};
}

bool IgnoreTree::decide(const Folder& in, std::string_view path, bool is_folder) const {
  const Decision found = find(in, path, is_folder);
  return found.pattern != nullptr && !found.pattern->negated;
}

IgnoreMatch IgnoreTree::explain(std::string_view path, bool is_folder) {
  IgnoreMatch out;
  if (path.empty() || path == ".") return out;
  // The outermost folder that is ignored decides about all that is in it.
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string_view part = path.substr(0, end);
    const bool is_whole = part.size() == path.size();
    const size_t slash = part.rfind('/');
    const Decision found =
        find(folder(slash == std::string_view::npos ? "" : part.substr(0, slash)), part, is_folder || !is_whole);
    const bool is_decisive = found.pattern != nullptr && (is_whole || !found.pattern->negated);
    if (is_decisive) {
      out.ignored = !found.pattern->negated;
      const std::string_view where = part.substr(0, found.folder->prefix);
      out.origin = found.pattern->line == 0
                       ? ":" + found.pattern->text
                       : text::concat(where, file_name_, ":", found.pattern->line, ":", found.pattern->text);
      return out;
    }
    if (is_whole) return out;
  }
}

bool IgnoreTree::ignored(std::string_view path, bool is_folder) {
  if (path.empty() || path == ".") return false;
  const size_t slash = path.rfind('/');
  const Folder& in = folder(slash == std::string_view::npos ? "" : path.substr(0, slash));
  return in.ignored || (in.any && decide(in, path, is_folder));
}

}  // namespace slipway::data
