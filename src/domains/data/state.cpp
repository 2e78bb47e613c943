#include "domains/data/state.h"

#include <charconv>
#include <cstdio>

#include "domains/data/scratch.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

constexpr std::string_view kHeader = "slipway-state 1\n";
constexpr std::string_view kEnd = "end\n";
// Coarser than the tick of any file system's clock that is in use.
constexpr int64_t kFreshNs = 20'000'000;

int64_t now_ns() { return SystemClock().now_ms() * 1'000'000; }

// The number up to the next blank, which is taken too.
template <typename Number>
bool take_number(std::string_view& line, Number& out) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), out);
  const auto length = static_cast<size_t>(end - line.data());
  if (error != std::errc() || length >= line.size() || line[length] != ' ') return false;
  line.remove_prefix(length + 1);
  return true;
}

}  // namespace

FileStamp FileStamp::of(const struct stat& info) {
  FileStamp out;
  out.mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  out.size = static_cast<uint64_t>(info.st_size);
  out.inode = info.st_ino;
  return out;
}

HashState::HashState(std::string path) : path_(std::move(path)) {
  if (!files::exists(path_)) return;
  try {
    load(files::read(path_));
  } catch (const Error&) {
    entries_.clear();
  }
  loaded_links_ = links_;
}

void HashState::load(std::string_view text) {
  // Without the end mark the file was cut.
  if (!text.starts_with(kHeader) || !text.ends_with(kEnd)) return;
  text.remove_prefix(kHeader.size());
  text.remove_suffix(kEnd.size());
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with("L ")) {
      links_.emplace(line.substr(2));
      continue;
    }
    if (line.size() < 34) continue;
    Entry entry;
    entry.md5 = line.substr(0, 32);
    line.remove_prefix(33);
    if (!take_number(line, entry.stamp.size) || !take_number(line, entry.stamp.mtime_ns) ||
        !take_number(line, entry.stamp.inode)) {
      continue;
    }
    entries_.emplace(std::string(line), std::move(entry));
  }
}

std::optional<std::string> HashState::find(const std::string& path, const FileStamp& stamp) const {
  const auto found = entries_.find(path);
  if (found == entries_.end() || found->second.stamp != stamp) return std::nullopt;
  return found->second.md5;
}

void HashState::remember(const std::string& path, const FileStamp& stamp, const std::string& md5) {
  if (now_ns() - stamp.mtime_ns < kFreshNs || path.find('\n') != std::string::npos) return;
  Entry& entry = entries_[path];
  if (entry.stamp == stamp && entry.md5 == md5) return;
  entry = {stamp, md5};
  changed_ = true;
}

void HashState::save() {
  if (!changed_ && links_ == loaded_links_) return;
  std::string text(kHeader);
  for (const std::string& link : links_) text.append("L ").append(link).append("\n");
  for (const auto& [path, entry] : entries_) {
    text.append(entry.md5).append(" ").append(std::to_string(entry.stamp.size)).append(" ");
    text.append(std::to_string(entry.stamp.mtime_ns)).append(" ").append(std::to_string(entry.stamp.inode));
    text.append(" ").append(path).append("\n");
  }
  text.append(kEnd);
  // Cut or lost, the file is an empty state.
  if (!replace_scratch(path_, text)) return;
  changed_ = false;
  loaded_links_ = links_;
}

}  // namespace slipway::data
