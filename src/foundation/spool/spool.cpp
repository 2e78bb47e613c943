#include "foundation/spool/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/base/text.h"
#include "foundation/spool/frames.h"

namespace slipway::spool {

namespace {

constexpr std::string_view kSuffix = ".spool";

std::optional<uint64_t> segment_number(const std::string& file_name) {
  if (!file_name.ends_with(kSuffix)) return std::nullopt;
  const auto number = text::parse_int(std::string_view(file_name).substr(0, file_name.size() - kSuffix.size()));
  if (!number || *number <= 0) return std::nullopt;
  return static_cast<uint64_t>(*number);
}

files::Descriptor lock_folder(const std::string& folder) {
  files::create_folders(folder);
  const std::string path = folder + "/lock";
  files::Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock.valid()) throw system_error("open " + path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    throw failed_precondition("another process uses ", folder, "; give each model server a folder of its own");
  }
  return lock;
}

}  // namespace

Spool::Spool(SpoolOptions options) : options_(std::move(options)), folder_lock_(lock_folder(options_.folder)) {
  recover();
  load_released();
  start_segment();
}

std::string Spool::segment_path(uint64_t segment) const {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "/%020llu", static_cast<unsigned long long>(segment));
  return options_.folder + name.data() + std::string(kSuffix);
}

// Only the newest segment can be torn; the older ones were whole when the next was started.
void Spool::recover() {
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
    const auto number = segment_number(entry.path().filename().string());
    if (number) segments_[*number] = entry.file_size();
  }
  if (segments_.empty()) return;
  const auto [newest, size] = *segments_.rbegin();
  const uint64_t valid = valid_bytes(newest);
  if (valid <= kSegmentMagic.size()) {
    ::unlink(segment_path(newest).c_str());
    segments_.erase(newest);
    return;
  }
  if (valid < size) {
    log::warning("spool.torn_end", {{"file", segment_path(newest)}, {"bytes", std::to_string(size - valid)}});
    if (::truncate(segment_path(newest).c_str(), static_cast<off_t>(valid)) != 0) {
      throw system_error("truncate " + segment_path(newest));
    }
  }
  segments_[newest] = valid;
}

uint64_t Spool::valid_bytes(uint64_t segment) const {
  const std::string content = files::read(segment_path(segment));
  if (!content.starts_with(kSegmentMagic)) return 0;
  size_t at = kSegmentMagic.size();
  Frame frame;
  while (parse_frame(std::string_view(content).substr(at), frame) == FrameState::kWhole) at += frame.size_bytes();
  return at;
}

void Spool::load_released() {
  const std::string path = options_.folder + "/released";
  if (!files::exists(path)) return;
  const std::string content = files::read(path);
  const std::vector<std::string> words = text::split(text::trim(content), ' ');
  const auto segment = text::parse_int(words[0]);
  const auto offset = words.size() == 2 ? text::parse_int(words[1]) : std::nullopt;
  if (!segment || !offset || *segment < 0 || *offset < 0) {
    // At least once: reading all of it again is the safe answer.
    log::warning("spool.position_unreadable", {{"file", path}});
    return;
  }
  released_ = {static_cast<uint64_t>(*segment), static_cast<uint64_t>(*offset)};
  // A crash between the two steps of release() leaves segments that are done with.
  while (!segments_.empty() && segments_.begin()->first < released_.segment) {
    ::unlink(segment_path(segments_.begin()->first).c_str());
    segments_.erase(segments_.begin());
  }
}

// By the writing thread (or the constructor); every process writes segments of its own.
void Spool::start_segment() {
  uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = std::max(segments_.empty() ? 0 : segments_.rbegin()->first, released_.segment) + 1;
  }
  const std::string path = segment_path(number);
  files::Descriptor next(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!next.valid()) throw system_error("create " + path);
  files::write_all(next.get(), kSegmentMagic, path);
  if (options_.durability == Durability::kDisk) files::sync_folder(options_.folder);
  file_ = std::move(next);
  const std::lock_guard lock(mutex_);
  segments_[number] = kSegmentMagic.size();
}

void Spool::append(std::string_view payload, uint32_t items) {
  const std::string header = frame_header(payload, items);
  std::unique_lock lock(mutex_);
  if (collecting_ == nullptr) collecting_ = std::make_shared<Batch>();
  const std::shared_ptr<Batch> batch = collecting_;
  batch->bytes.append(header).append(payload);
  changed_.wait(lock, [&] { return batch->done || !writing_; });
  if (!batch->done) {
    // Nobody writes: this thread writes for all that are in the batch.
    writing_ = true;
    collecting_.reset();
    lock.unlock();
    try {
      write_batch(batch->bytes);
    } catch (...) {
      batch->error = std::current_exception();
    }
    lock.lock();
    writing_ = false;
    batch->done = true;
    changed_.notify_all();
  }
  if (batch->error) std::rethrow_exception(batch->error);
}

void Spool::write_batch(const std::string& bytes) {
  uint64_t number = 0;
  uint64_t size = 0;
  const auto look = [&] {
    const std::lock_guard lock(mutex_);
    number = segments_.rbegin()->first;
    size = segments_.rbegin()->second;
  };
  look();
  if (!file_.valid() || (size > kSegmentMagic.size() && size + bytes.size() > options_.segment_bytes)) {
    start_segment();
    enforce_limit();
    look();
  }
  try {
    files::write_all(file_.get(), bytes, segment_path(number));
    if (options_.durability == Durability::kDisk) {
      const BlockingSection waiting;
      if (::fdatasync(file_.get()) != 0) throw system_error("sync " + segment_path(number));
    }
  } catch (...) {
    // Part of it may be there; what was promised before must stay readable, so go back to where it was good.
    if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0 ||
        ::lseek(file_.get(), static_cast<off_t>(size), SEEK_SET) < 0) {
      log::error("spool.cannot_undo", {{"file", segment_path(number)}});
      file_ = files::Descriptor();
    }
    throw;
  }
  const std::lock_guard lock(mutex_);
  segments_[number] = size + bytes.size();
}

void Spool::enforce_limit() {
  while (true) {
    uint64_t oldest = 0;
    SpoolPosition released;
    {
      const std::lock_guard lock(mutex_);
      uint64_t total = 0;
      for (const auto& [number, size] : segments_) total += size;
      if (segments_.size() < 2 || total <= options_.max_bytes) return;
      oldest = segments_.begin()->first;
      released = released_;
    }
    const uint64_t from = released.segment == oldest ? released.offset : 0;
    const uint64_t lost = released.segment > oldest ? 0 : count_unread_items(oldest, from);
    {
      const std::lock_guard lock(mutex_);
      segments_.erase(oldest);
      losses_.dropped_items += lost;
    }
    ::unlink(segment_path(oldest).c_str());
    log::error("spool.full", {{"folder", options_.folder}, {"dropped_records", std::to_string(lost)}});
  }
}

uint64_t Spool::count_unread_items(uint64_t segment, uint64_t from) const {
  const std::string content = files::read(segment_path(segment));
  std::string_view rest(content);
  rest.remove_prefix(std::min<size_t>(std::max<uint64_t>(from, kSegmentMagic.size()), rest.size()));
  uint64_t items = 0;
  Frame frame;
  while (parse_frame(rest, frame) == FrameState::kWhole) {
    items += frame.items;
    rest.remove_prefix(frame.size_bytes());
  }
  return items;
}

std::string Spool::read_bytes(SpoolPosition from, uint64_t end, size_t max_bytes) const {
  const files::Descriptor file = files::open_for_reading(segment_path(from.segment));
  std::string bytes;
  uint64_t wanted = std::min<uint64_t>(end - from.offset, std::max(max_bytes, kFrameHeaderBytes));
  while (bytes.size() < wanted) {
    const size_t have = bytes.size();
    bytes.resize(wanted);
    const ssize_t got = ::pread(file.get(), bytes.data() + have, wanted - have, static_cast<off_t>(from.offset + have));
    if (got < 0) throw system_error("read " + segment_path(from.segment));
    bytes.resize(have + static_cast<size_t>(got));
    if (got == 0) return bytes;
    // A first record over max_bytes is read to its end.
    if (bytes.size() == wanted) wanted = std::clamp<uint64_t>(wanted_bytes(bytes), wanted, end - from.offset);
  }
  return bytes;
}

Spool::Chunk Spool::read(SpoolPosition from, size_t max_bytes) {
  uint64_t end = 0;
  bool newest = false;
  {
    const std::lock_guard lock(mutex_);
    const auto segment = segments_.lower_bound(from.segment);
    if (segment == segments_.end()) return {{}, from};
    if (segment->first != from.segment) from = {segment->first, 0};
    from.offset = std::max<uint64_t>(from.offset, kSegmentMagic.size());
    end = std::max(segment->second, from.offset);
    newest = std::next(segment) == segments_.end();
  }
  Chunk chunk;
  const std::string bytes = end == from.offset ? std::string() : read_bytes(from, end, max_bytes);
  std::string_view rest(bytes);
  Frame frame;
  while (parse_frame(rest, frame) == FrameState::kWhole) {
    chunk.payloads.emplace_back(frame.payload);
    rest.remove_prefix(frame.size_bytes());
  }
  chunk.next = {from.segment, from.offset + (bytes.size() - rest.size())};
  if (!chunk.payloads.empty()) return chunk;
  if (chunk.next.offset < end) {
    log::error("spool.damaged",
               {{"file", segment_path(from.segment)}, {"bytes", std::to_string(end - chunk.next.offset)}});
    const std::lock_guard lock(mutex_);
    losses_.damaged_bytes += end - chunk.next.offset;
    chunk.next.offset = end;
  }
  if (newest) return chunk;
  return read({from.segment + 1, 0}, max_bytes);
}

void Spool::release(SpoolPosition upto) {
  std::vector<uint64_t> done;
  {
    const std::lock_guard lock(mutex_);
    if (upto <= released_) return;
    released_ = upto;
    while (segments_.size() > 1 && segments_.begin()->first < upto.segment) {
      done.push_back(segments_.begin()->first);
      segments_.erase(segments_.begin());
    }
  }
  // First the position, then the files: a crash between leaves files that are below it, which the next start removes.
  files::write_atomic(options_.folder + "/released", text::concat(upto.segment, " ", upto.offset, "\n"));
  for (const uint64_t segment : done) ::unlink(segment_path(segment).c_str());
}

SpoolPosition Spool::released() const {
  const std::lock_guard lock(mutex_);
  return released_;
}

uint64_t Spool::pending_bytes() const {
  const std::lock_guard lock(mutex_);
  uint64_t pending = 0;
  for (const auto& [number, size] : segments_) {
    if (number < released_.segment) continue;
    const uint64_t done =
        number == released_.segment ? std::max<uint64_t>(released_.offset, kSegmentMagic.size()) : kSegmentMagic.size();
    pending += size - std::min(size, done);
  }
  return pending;
}

size_t Spool::stored_bytes(std::string_view payload) { return kFrameHeaderBytes + payload.size(); }

Spool::Losses Spool::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

}  // namespace slipway::spool
