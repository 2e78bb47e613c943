#include "domains/data/git.h"

#include <unistd.h>

#include <algorithm>

#include "domains/data/paths.h"
#include "domains/data/scratch.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

std::optional<std::string> read_line(const std::string& path) {
  if (!files::exists(path)) return std::nullopt;
  const std::string text = files::read(path);
  return std::string(text::trim(std::string_view(text).substr(0, text.find('\n'))));
}

// The folder of Git's own files: .git itself, or what a .git file of a linked work tree or submodule points to.
std::optional<std::string> git_folder_of(const std::string& root) {
  const std::string path = root + "/.git";
  if (paths::is_folder(path)) return path;
  const auto line = read_line(path);
  if (!line || !line->starts_with("gitdir: ")) return std::nullopt;
  return paths::join(root, line->substr(8));
}

class IndexReader {
 public:
  explicit IndexReader(std::string_view bytes) : bytes_(bytes) {}

  std::set<std::string, std::less<>> read() {
    if (bytes_.substr(0, 4) != "DIRC") throw data_loss("the Git index has no signature");
    at_ = 4;
    version_ = number(4);
    if (version_ < 2 || version_ > 4) throw data_loss("the Git index has the unknown version ", version_);
    std::set<std::string, std::less<>> out;
    std::string path;
    for (uint64_t left = number(4); left > 0; --left) {
      entry(path);
      out.insert(path);
    }
    return out;
  }

 private:
  uint64_t number(size_t bytes) {
    uint64_t out = 0;
    for (size_t i = 0; i < bytes; ++i) out = out << 8U | static_cast<unsigned char>(take(1)[0]);
    return out;
  }
  std::string_view take(size_t count) {
    if (count > bytes_.size() - at_) throw data_loss("the Git index is cut short");
    const std::string_view out = bytes_.substr(at_, count);
    at_ += count;
    return out;
  }
  std::string_view take_to_zero() {
    const size_t end = bytes_.find('\0', at_);
    if (end == std::string_view::npos) throw data_loss("the Git index is cut short");
    const std::string_view out = take(end - at_);
    take(1);
    return out;
  }
  void entry(std::string& path) {
    const size_t start = at_;
    take(60);
    const uint64_t flags = number(2);
    if (version_ >= 3 && (flags & 0x4000U) != 0) take(2);
    if (version_ == 4) {
      const size_t drop = varint();
      if (drop > path.size()) throw data_loss("the Git index is damaged");
      path.resize(path.size() - drop);
      path.append(take_to_zero());
      return;
    }
    path = take_to_zero();
    // Entries are padded with zero bytes to a multiple of eight.
    while ((at_ - start) % 8 != 0) take(1);
  }
  size_t varint() {
    auto byte = static_cast<unsigned char>(take(1)[0]);
    size_t out = byte & 0x7FU;
    while ((byte & 0x80U) != 0) {
      byte = static_cast<unsigned char>(take(1)[0]);
      if (out > 1U << 24U) throw data_loss("the Git index is damaged");
      out = (out + 1) << 7U | (byte & 0x7FU);
    }
    return out;
  }

  const std::string_view bytes_;
  size_t at_ = 0;
  uint64_t version_ = 0;
};

}  // namespace

std::set<std::string, std::less<>> parse_git_index(std::string_view bytes) { return IndexReader(bytes).read(); }

std::unique_ptr<GitFolder> GitFolder::find(const std::string& folder) {
  for (std::string at = folder;; at = paths::parent(at)) {
    if (const auto git = git_folder_of(at)) return std::unique_ptr<GitFolder>(new GitFolder(at, *git));
    if (at == "/" || at.empty()) return nullptr;
  }
}

GitFolder::GitFolder(std::string root, std::string git_folder)
    : root_(std::move(root)), git_folder_(std::move(git_folder)) {}

std::string GitFolder::relative(const std::string& path) const { return paths::relative(path, root_); }

void GitFolder::load_index() {
  if (index_) return;
  const std::string path = git_folder_ + "/index";
  index_ = files::exists(path) ? parse_git_index(files::read(path)) : std::set<std::string, std::less<>>();
}

bool GitFolder::is_tracked(const std::string& path) {
  load_index();
  const std::string name = relative(path);
  if (index_->contains(name)) return true;
  const auto below = index_->lower_bound(name + "/");
  return below != index_->end() && below->starts_with(name + "/");
}

void GitFolder::load_ignores() {
  if (ignores_) return;
  ignores_ = std::make_unique<IgnoreTree>(root_, ".gitignore", IgnoreRules::kGit);
  const std::string exclude = git_folder_ + "/info/exclude";
  if (files::exists(exclude)) ignores_->add(files::read(exclude));
}

bool GitFolder::is_ignored(const std::string& path) {
  load_ignores();
  return ignores_->ignored(relative(path), paths::is_folder(path));
}

bool GitFolder::ignore(const std::string& path) {
  if (is_ignored(path)) return false;
  const std::string file = paths::join(paths::parent(path), ".gitignore");
  std::string content = files::exists(file) ? files::read(file) : "";
  if (!content.empty() && !content.ends_with('\n')) content.push_back('\n');
  content.append(escape_pattern("/" + paths::name(path))).append("\n");
  // Whole or not at all, but without waiting for the disk: a run of a hundred stages adds a hundred lines.
  if (!replace_scratch(file, content)) throw system_error(text::concat("write ", file));
  ignores_.reset();
  return true;
}

bool GitFolder::stop_ignoring(const std::string& path) {
  const std::string file = paths::join(paths::parent(path), ".gitignore");
  if (!files::exists(file)) return false;
  const std::string entry = escape_pattern("/" + paths::name(path));
  const std::string before = files::read(file);
  std::string after;
  for (std::string_view rest = before; !rest.empty();) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    if (text::trim(line) != entry) after.append(line);
    rest.remove_prefix(line.size());
  }
  if (after == before) return false;
  ignores_.reset();
  if (after.empty()) {
    ::unlink(file.c_str());
  } else {
    files::write_atomic(file, after);
  }
  return !after.empty();
}

}  // namespace slipway::data
