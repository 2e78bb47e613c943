#include "adapters/mlflow_store/file_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/yaml.h"

namespace slipway::mlflow_store {

namespace {

constexpr uint64_t kMaxMeta = uint64_t{16} << 20U;  // datasets keep their schema in it
constexpr uint64_t kMaxValue = uint64_t{4} << 20U;  // of a tag or param
constexpr size_t kMaxLine = 4096;
constexpr size_t kMaxFolders = 100'000;
constexpr size_t kBuffer = size_t{64} << 10U;

std::string join(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::write(value);
}

std::string_view next_field(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

size_t read_some(int file, char* buffer, size_t capacity, const std::string& path) {
  for (;;) {
    const ssize_t got = ::read(file, buffer, capacity);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) throw system_error(text::concat("read ", path));
  }
}

}  // namespace

Meta Meta::parse(std::string_view text) {
  const json::value document = json::parse_yaml_texts(text);
  Meta out;
  for (const auto& [key, value] : json::as_object(document, "a meta file")) {
    if (value.is_null()) continue;
    if (!value.is_object()) {
      out.texts_[std::string(key)] = text_of(value);
      continue;
    }
    std::vector<tracking::Tag>& pairs = out.maps_[std::string(key)];
    for (const auto& [name, inner] : value.as_object()) {
      if (!inner.is_null()) pairs.push_back({std::string(name), text_of(inner)});
    }
  }
  return out;
}

std::optional<std::string> Meta::find(const std::string& key) const {
  const auto found = texts_.find(key);
  return found == texts_.end() ? std::nullopt : std::optional(found->second);
}

std::string Meta::text(const std::string& key) const { return find(key).value_or(""); }

std::optional<int64_t> Meta::number(const std::string& key) const {
  const auto found = find(key);
  return found ? text::parse_int(*found) : std::nullopt;
}

std::vector<tracking::Tag> Meta::pairs(const std::string& key) const {
  const auto found = maps_.find(key);
  return found == maps_.end() ? std::vector<tracking::Tag>() : found->second;
}

std::optional<MetricLine> parse_metric_line(std::string_view line) {
  std::string_view rest = text::trim(line);
  const auto time_ms = text::parse_int(next_field(rest));
  const auto value = text::parse_double(next_field(rest));
  if (!time_ms || !value) return std::nullopt;
  MetricLine out;
  out.point = {*time_ms, 0, tracking::stored_value(*value)};
  if (!rest.empty()) {
    const auto step = text::parse_int(next_field(rest));
    if (!step) return std::nullopt;
    out.point.step = *step;
  }
  out.run = next_field(rest);
  out.dataset_name = next_field(rest);
  out.dataset_digest = next_field(rest);
  return out;
}

std::vector<std::string> FileTree::folders(const std::string& path) const {
  std::vector<std::string> out;
  for (FolderEntry& entry : list_folder(root_, path)) {
    if (entry.is_folder) out.push_back(std::move(entry.name));
  }
  return out;
}

bool FileTree::has_file(const std::string& path) const {
  struct stat info {};
  const files::Descriptor file = root_.open(path, O_RDONLY | O_NONBLOCK);
  return file.valid() && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode);
}

std::optional<std::string> FileTree::read(const std::string& path, uint64_t most) const {
  const files::Descriptor file = root_.open(path, O_RDONLY | O_NONBLOCK);
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  if (static_cast<uint64_t>(info.st_size) > most)
    throw invalid_argument(path, " is larger than ", text::format_bytes(most));
  std::string out(static_cast<size_t>(info.st_size), '\0');
  size_t have = 0;
  while (have < out.size()) {
    const size_t got = read_some(file.get(), out.data() + have, out.size() - have, path);
    if (got == 0) break;
    have += got;
  }
  out.resize(have);
  if (!text::is_valid_utf8(out)) throw invalid_argument(path, " is not text");
  return out;
}

std::optional<Meta> FileTree::meta(const std::string& path) const {
  const auto content = read(path, kMaxMeta);
  if (!content) return std::nullopt;
  try {
    return Meta::parse(*content);
  } catch (const Error& error) {
    throw invalid_argument(path, ": ", error.what());
  }
}

std::vector<std::string> FileTree::files(const std::string& path) const {
  std::vector<std::string> out;
  std::vector<std::string> open = {""};
  for (size_t visited = 0; !open.empty(); ++visited) {
    if (visited > kMaxFolders) throw invalid_argument(path, " holds over ", kMaxFolders, " folders");
    const std::string folder = std::move(open.back());
    open.pop_back();
    for (const FolderEntry& entry : list_folder(root_, join(path, folder))) {
      (entry.is_folder ? open : out).push_back(join(folder, entry.name));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<tracking::Tag> FileTree::pairs(const std::string& path) const {
  std::vector<tracking::Tag> out;
  for (const std::string& key : files(path)) {
    if (auto value = read(join(path, key), kMaxValue)) out.push_back({key, *std::move(value)});
  }
  return out;
}

void FileTree::lines(const std::string& path, const std::function<void(std::string_view)>& on_line) const {
  const files::Descriptor file = root_.open(path, O_RDONLY | O_NONBLOCK);
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  std::string buffer(kBuffer, '\0');
  std::string line;
  bool is_too_long = false;
  while (const size_t got = read_some(file.get(), buffer.data(), buffer.size(), path)) {
    std::string_view rest(buffer.data(), got);
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      const std::string_view part = rest.substr(0, end);
      is_too_long = is_too_long || line.size() + part.size() > kMaxLine;
      if (!is_too_long) line.append(part);
      if (end == std::string_view::npos) break;
      if (!is_too_long) on_line(line);
      line.clear();
      is_too_long = false;
      rest.remove_prefix(end + 1);
    }
  }
  if (!line.empty() && !is_too_long) on_line(line);
}

}  // namespace slipway::mlflow_store
