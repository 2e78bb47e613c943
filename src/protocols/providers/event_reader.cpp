#include "protocols/providers/event_reader.h"

#include <algorithm>

#include "foundation/base/error.h"

namespace slipway::providers {

namespace {
constexpr size_t kMaxEvent = size_t{16} << 20U;
}  // namespace

void EventReader::feed(std::string_view bytes, const OnData& on_data) {
  while (!bytes.empty()) {
    if (after_return_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_return_ = false;
    const size_t end = bytes.find_first_of("\r\n");
    if (line_.size() + data_.size() + std::min(end, bytes.size()) > kMaxEvent)
      throw too_large("the provider sent an event that is over the limit of ", kMaxEvent, " bytes");
    if (end == std::string_view::npos) {
      line_.append(bytes);
      return;
    }
    after_return_ = bytes[end] == '\r';
    if (line_.empty()) {
      take_line(bytes.substr(0, end), on_data);
    } else {
      line_.append(bytes.substr(0, end));
      take_line(line_, on_data);
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void EventReader::finish(const OnData& on_data) {
  if (!line_.empty()) take_line(line_, on_data);
  line_.clear();
  dispatch(on_data);
}

void EventReader::take_line(std::string_view line, const OnData& on_data) {
  constexpr std::string_view kName = "data";
  if (line.empty()) return dispatch(on_data);
  if (!line.starts_with(kName)) return;
  line.remove_prefix(kName.size());
  if (!line.empty() && line.front() != ':') return;
  if (!line.empty()) line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (has_data_) data_.push_back('\n');
  data_.append(line);
  has_data_ = true;
}

void EventReader::dispatch(const OnData& on_data) {
  if (!has_data_) return;
  const std::string data = std::move(data_);
  data_.clear();
  has_data_ = false;
  on_data(data);
}

}  // namespace slipway::providers
