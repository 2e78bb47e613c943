#include <algorithm>
#include <cmath>
#include <cstdio>

#include "domains/data/yaml.h"
#include "foundation/base/text.h"

namespace slipway::data {

namespace {

constexpr size_t kWidth = 80;

using Points = std::u32string;

Points decode(std::string_view text) {
  Points out;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (size_t k = 1; k < length && i + k < text.size(); ++k) {
      code = code << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    out.push_back(code);
    i += length;
  }
  return out;
}

void encode(char32_t c, std::string& out) {
  const auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

bool is_break(char32_t c) { return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029; }
bool is_blank(char32_t c) { return c == 0 || c == ' ' || c == '\t' || c == '\r' || is_break(c); }
bool is_printable(char32_t c) {
  return (c >= 0x20 && c <= 0x7E) || c == 0x85 || (c >= 0xA0 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF) || (c >= 0x10000 && c <= 0x10FFFF);
}

enum class Style { kPlain, kSingle, kDouble };

// Whether an indicator somewhere in the text would change its meaning without quotes.
bool has_block_indicator(const Points& text) {
  if (text.starts_with(U"---") || text.starts_with(U"...")) return true;
  const bool blank_follows = text.size() == 1 || is_blank(text[1]);
  if (Points(U"#,[]{}&*!|>'\"%@`").find(text[0]) != Points::npos) return true;
  if ((text[0] == '?' || text[0] == ':' || text[0] == '-') && blank_follows) return true;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':' && (i + 1 == text.size() || is_blank(text[i + 1]))) return true;
    if (text[i] == '#' && is_blank(text[i - 1])) return true;
  }
  return false;
}

Style choose_style(const Points& text, bool resolves_to_string) {
  if (text.empty()) return Style::kSingle;
  const bool special = !std::all_of(text.begin(), text.end(), [](char32_t c) { return c == '\n' || is_printable(c); });
  const bool breaks = std::any_of(text.begin(), text.end(), is_break);
  const bool edges = text.front() == ' ' || text.back() == ' ';
  if (resolves_to_string && !special && !breaks && !edges && !has_block_indicator(text)) return Style::kPlain;
  if (special || breaks || text.find(U'\'') != Points::npos) return Style::kDouble;
  return Style::kSingle;
}

// Writes one value after another and knows the column, as folding depends on it.
class Writer {
 public:
  std::string take() { return std::move(out_); }

  void map_at(const Value& value, size_t indent, bool first_on_line) {
    for (const Member& member : value.members()) {
      if (!first_on_line) new_line(indent);
      first_on_line = false;
      key(member);
      value_of_key(member.value, indent);
    }
  }

  void finish() { out_.push_back('\n'); }

 private:
  void key(const Member& member) {
    if (member.typed_key) {
      put(decode(member.key));
    } else {
      scalar(Value::string(member.key), 0, false);
    }
    put(U":");
  }

  void value_of_key(const Value& value, size_t indent) {
    if (!value.is_collection()) {
      after_blank(value, indent + 2);
    } else if (value.empty()) {
      put(value.is_map() ? U" {}" : U" []");
    } else if (value.is_map()) {
      map_at(value, indent + 2, false);
    } else {
      list_at(value, indent, false);
    }
  }

  void list_at(const Value& value, size_t indent, bool first_on_line) {
    for (const Value& item : value.items()) {
      if (!first_on_line) new_line(indent);
      first_on_line = false;
      put(U"-");
      if (item.is_null()) {
        put(U" ");  // the writer of DVC leaves a blank here, though not behind a key
      } else if (!item.is_collection()) {
        after_blank(item, indent + 2);
      } else if (item.empty()) {
        put(item.is_map() ? U" {}" : U" []");
      } else {
        put(U" ");
        item.is_map() ? map_at(item, indent + 2, true) : list_at(item, indent + 2, true);
      }
    }
  }

  void after_blank(const Value& value, size_t indent) {
    if (value.is_null()) return;
    put(U" ");
    scalar(value, indent, true);
  }

  void scalar(const Value& value, size_t indent, bool fold) {
    if (!value.is_string()) return put(decode(scalar_text(value)));
    const Points text = decode(value.text());
    switch (choose_style(text, resolve_scalar(value.text()) == ScalarKind::kString && value.text() != "=")) {
      case Style::kPlain:
        return plain(text, indent, fold);
      case Style::kSingle:
        return single_quoted(text, indent, fold);
      case Style::kDouble:
        return double_quoted(text, indent, fold);
    }
  }

  static std::string scalar_text(const Value& value) {
    if (value.kind() == Value::Kind::kBool) return value.as_bool() ? "true" : "false";
    if (value.kind() != Value::Kind::kFloat) return value.text();
    const double number = value.as_double();
    if (std::isnan(number)) return ".nan";
    if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
    return text::format_double(number);
  }

  // Words and the blanks between them. A single blank at or after the width becomes the fold; a word that would pass
  // the width starts a line of its own, and the blank before it stays where it was.
  void plain(const Points& text, size_t indent, bool fold) {
    for (size_t at = 0; at < text.size();) {
      size_t end = at;
      if (text[at] == ' ') {
        while (end < text.size() && text[end] == ' ') ++end;
        if (fold && end == at + 1 && column_ >= kWidth) {
          new_line(indent);
        } else {
          put(text.substr(at, end - at));
        }
      } else {
        while (end < text.size() && text[end] != ' ') ++end;
        if (fold && end - at + column_ > kWidth && column_ > indent) new_line(indent);
        put(text.substr(at, end - at));
      }
      at = end;
    }
  }

  // Only texts without quotes and line breaks come here.
  void single_quoted(const Points& text, size_t indent, bool fold) {
    put(U"'");
    for (size_t at = 0; at < text.size();) {
      size_t end = at;
      const bool blanks = text[at] == ' ';
      while (end < text.size() && (text[end] == ' ') == blanks) ++end;
      if (blanks && fold && end == at + 1 && column_ > kWidth && at != 0 && end != text.size()) {
        new_line(indent);
      } else {
        put(text.substr(at, end - at));
      }
      at = end;
    }
    put(U"'");
  }

  void double_quoted(const Points& text, size_t indent, bool fold) {
    put(U"\"");
    size_t start = 0;
    for (size_t end = 0; end <= text.size(); ++end) {
      const bool at_end = end == text.size();
      if (at_end || needs_escape(text[end])) {
        if (start < end) put(text.substr(start, end - start));
        start = end;
        if (!at_end) {
          put_escape(text[end]);
          start = end + 1;
        }
      }
      if (fold && end > 0 && end + 1 < text.size() && (text[end] == ' ' || start >= end) &&
          column_ + end - std::min(start, end) + (start > end ? size_t(-1) : 0) > kWidth) {
        fold_double_quoted(text, start, end, indent);
      }
    }
    put(U"\"");
  }

  // A folded line break reads back as a blank: either it replaces one, or a backslash at the end of the line hides it.
  void fold_double_quoted(const Points& text, size_t& start, size_t end, size_t indent) {
    const bool hide = needs_backslash(text, start, end);
    if (start < end) {
      put(text.substr(start, end - start));
      start = end;
    }
    if (hide) put(U"\\");
    new_line(indent);
    if (text[start] == ' ') {
      if (hide) {
        put(U"\\");
      } else {
        ++start;
      }
    }
  }

  static bool needs_backslash(const Points& text, size_t start, size_t end) {
    size_t space = text.find(U' ', end);
    if (space == Points::npos) return true;
    const size_t line = text.find(U'\n', end);
    if (line != Points::npos && line < space) space = line;
    if (space + 1 >= text.size()) return true;
    if (text[space] == '\n' && text[space + 1] != ' ') return true;
    for (size_t i = end; i < space; ++i) {
      if (text[i] == '"' || text[i] == '\'') return true;
    }
    const bool blank_after = text[space + 1] == ' ' || text[space + 1] == '\n';
    const bool two_blanks = text[end - 1] == ' ' && text[end] == ' ';
    return blank_after || two_blanks || start == end;
  }

  static bool needs_escape(char32_t c) {
    return c == '"' || c == '\\' || c == 0x85 || c == 0x2028 || c == 0x2029 || !is_printable(c);
  }

  void put_escape(char32_t c) {
    static const Points from = {0, 7, 8, 9, 10, 11, 12, 13, 27, '"', '\\', 0x85, 0xA0, 0x2028, 0x2029};
    static const Points to = U"0abtnvfre\"\\N_LP";
    Points out = U"\\";
    if (const size_t known = from.find(c); known != Points::npos) {
      out.push_back(to[known]);
    } else {
      char digits[12];
      std::snprintf(digits, sizeof digits,
                    c <= 0xFF     ? "x%02X"
                    : c <= 0xFFFF ? "u%04X"
                                  : "U%08X",
                    static_cast<unsigned>(c));
      out.append(decode(digits));
    }
    put(out);
  }

  void put(const Points& text) {
    for (const char32_t c : text) encode(c, out_);
    column_ += text.size();
  }

  void new_line(size_t indent) {
    if (!out_.empty()) out_.push_back('\n');
    out_.append(indent, ' ');
    column_ = indent;
  }

  std::string out_;
  size_t column_ = 0;
};

}  // namespace

std::string write_yaml(const Value& value) {
  if (value.empty()) return value.is_list() ? "[]\n" : "{}\n";
  Writer writer;
  writer.map_at(value, 0, true);
  writer.finish();
  return writer.take();
}

}  // namespace slipway::data
