#include "foundation/tables/csv_scan.h"

namespace slipway::tables {

bool CsvScanner::next() {
  while (position_ < content_.size() && at_line_end()) skip_line_end();
  if (position_ >= content_.size()) return false;
  fields_.clear();
  open_quote_ = false;
  begin_ = position_;
  line_ = next_line_;
  read_field();
  while (position_ < content_.size() && content_[position_] == delimiter_) {
    ++position_;
    read_field();
  }
  if (position_ < content_.size()) skip_line_end();
  return true;
}

void CsvScanner::skip_line_end() {
  const bool is_pair =
      content_[position_] == '\r' && position_ + 1 < content_.size() && content_[position_ + 1] == '\n';
  position_ += is_pair ? 2 : 1;
  ++next_line_;
}

void CsvScanner::read_field() {
  std::string field;
  if (position_ < content_.size() && content_[position_] == '"') read_quoted(field);
  while (position_ < content_.size() && content_[position_] != delimiter_ && !at_line_end()) {
    field.push_back(content_[position_++]);
  }
  fields_.push_back(std::move(field));
}

void CsvScanner::read_quoted(std::string& field) {
  ++position_;
  while (position_ < content_.size()) {
    const char c = content_[position_++];
    if (c == '"' && (position_ >= content_.size() || content_[position_] != '"')) return;
    if (c == '"') ++position_;
    const bool ends_line = c == '\n' || (c == '\r' && (position_ >= content_.size() || content_[position_] != '\n'));
    if (ends_line) ++next_line_;
    field.push_back(c);
  }
  open_quote_ = true;
}

}  // namespace slipway::tables
