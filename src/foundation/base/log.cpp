#include "foundation/base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "foundation/base/clock.h"
#include "foundation/base/text.h"

namespace slipway::log {

namespace {

std::atomic<Level> threshold{Level::kInfo};
std::atomic<Format> chosen_format{Format::kText};

// What a client sent need not be text: bytes that are no UTF-8 are written as their numbers.
void append_json_string(std::string& out, std::string_view value) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  const bool is_text = text::is_valid_utf8(value);
  out.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_text)) {
      out.append("\\u00").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

// Control characters would let a client forge log lines, or speak to the terminal that shows them.
void append_text_value(std::string& out, std::string_view value) {
  const auto must_be_quoted = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '"' || c == '=';
  };
  if (value.empty() || std::any_of(value.begin(), value.end(), must_be_quoted) || !text::is_valid_utf8(value)) {
    append_json_string(out, value);
  } else {
    out.append(value);
  }
}

void write_line(Level level, std::string_view level_name, std::string_view event, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line;
  const std::string time = text::format_time_ms(SystemClock().now_ms());
  if (chosen_format == Format::kJson) {
    line.append("{\"time\":\"").append(time).append("\",\"level\":\"").append(level_name).append("\",\"event\":");
    append_json_string(line, event);
    for (const auto& [name, value] : fields) {
      line.push_back(',');
      append_json_string(line, name);
      line.push_back(':');
      append_json_string(line, value);
    }
    line.append("}\n");
  } else {
    line.append(time).append(" ").append(level_name).append(" ").append(event);
    for (const auto& [name, value] : fields) {
      line.append(" ").append(name).append("=");
      append_text_value(line, value);
    }
    line.push_back('\n');
  }
  // One write per line: lines of several threads do not mix.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace

void configure(Level level, Format format) {
  threshold = level;
  chosen_format = format;
}
bool enabled(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

void debug(std::string_view event, std::initializer_list<Field> fields) {
  write_line(Level::kDebug, "debug", event, fields);
}
void info(std::string_view event, std::initializer_list<Field> fields) {
  write_line(Level::kInfo, "info", event, fields);
}
void warning(std::string_view event, std::initializer_list<Field> fields) {
  write_line(Level::kWarning, "warning", event, fields);
}
void error(std::string_view event, std::initializer_list<Field> fields) {
  write_line(Level::kError, "error", event, fields);
}

}  // namespace slipway::log
