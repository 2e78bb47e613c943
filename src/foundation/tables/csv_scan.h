// Walks the records of CSV text and knows the line each begins on. The fast reading is Arrow's; this reads the header,
// and finds the line to name when something is wrong. Used by csv.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::tables {

class CsvScanner {
 public:
  CsvScanner(std::string_view content, char delimiter, size_t first_line = 1)
      : content_(content), delimiter_(delimiter), next_line_(first_line) {}

  // Moves to the next record that is not an empty line; false at the end.
  bool next();
  // Of the record just read: where it begins, its cells without quotes, whether a quote in it is never closed.
  size_t line() const { return line_; }
  const std::vector<std::string>& fields() const { return fields_; }
  bool has_open_quote() const { return open_quote_; }
  std::string_view record() const { return content_.substr(begin_, position_ - begin_); }
  // Just behind the record and its line end.
  size_t position() const { return position_; }
  // The line that begins there.
  size_t next_line() const { return next_line_; }

 private:
  bool at_line_end() const { return content_[position_] == '\n' || content_[position_] == '\r'; }
  void skip_line_end();
  void read_field();
  void read_quoted(std::string& field);

  std::string_view content_;
  char delimiter_;
  size_t position_ = 0;
  size_t begin_ = 0;
  size_t line_ = 0;
  size_t next_line_;
  bool open_quote_ = false;
  std::vector<std::string> fields_;
};

}  // namespace slipway::tables
