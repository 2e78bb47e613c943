// Takes the data out of Server-Sent Events as they arrive. Used on the streams of model providers.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace slipway::providers {

class EventReader {
 public:
  using OnData = std::function<void(std::string_view)>;

  // Calls back with the data of each event that the bytes complete; several lines of one event are joined by line
  // feeds. Names, ids and comments are passed over. Throws too_large for an event of over 16 MiB.
  void feed(std::string_view bytes, const OnData& on_data);
  // At the end of the stream: an event without its empty line counts.
  void finish(const OnData& on_data);

 private:
  void take_line(std::string_view line, const OnData& on_data);
  void dispatch(const OnData& on_data);

  std::string line_;  // what has come of one
  std::string data_;
  bool has_data_ = false;
  bool after_return_ = false;  // a line feed now belongs to the line end before
};

}  // namespace slipway::providers
