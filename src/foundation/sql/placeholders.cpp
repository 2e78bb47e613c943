#include "foundation/sql/placeholders.h"

#include <cctype>

namespace slipway::sql {

namespace {

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Where `end` ends after `from`, or the end of the statement when it is missing.
size_t after(std::string_view statement, std::string_view end, size_t from) {
  const size_t found = statement.find(end, from);
  return found == std::string_view::npos ? statement.size() : found + end.size();
}

// Comments of PostgreSQL nest.
size_t end_of_comment(std::string_view statement, size_t start) {
  int depth = 1;
  size_t i = start + 2;
  while (i < statement.size() && depth > 0) {
    const std::string_view here = statement.substr(i, 2);
    if (here == "/*") ++depth;
    if (here == "*/") --depth;
    i += here == "/*" || here == "*/" ? 2 : 1;
  }
  return i;
}

// `E'...'` knows backslashes.
size_t end_of_quote(std::string_view statement, size_t start) {
  const char quote = statement[start];
  const bool escapes = quote == '\'' && start > 0 && (statement[start - 1] == 'E' || statement[start - 1] == 'e') &&
                       (start < 2 || !is_name_character(statement[start - 2]));
  size_t i = start + 1;
  while (i < statement.size() && statement[i] != quote) i += escapes && statement[i] == '\\' ? 2 : 1;
  // A doubled quote starts over as a quote right behind this one, which comes to the same.
  return i + 1;
}

// `$tag$ ... $tag$`; a lone `$` or `$1` is one character.
size_t end_of_dollar(std::string_view statement, size_t start) {
  size_t i = start + 1;
  if (i < statement.size() && std::isdigit(static_cast<unsigned char>(statement[i])) != 0) return i;
  while (i < statement.size() && is_name_character(statement[i])) ++i;
  if (i >= statement.size() || statement[i] != '$') return start + 1;
  return after(statement, statement.substr(start, i + 1 - start), i + 1);
}

// Where the piece that starts here ends: a quote, a comment, or one character.
size_t end_of_piece(std::string_view statement, size_t start) {
  const char c = statement[start];
  const std::string_view two = statement.substr(start, 2);
  if (c == '\'' || c == '"') return end_of_quote(statement, start);
  if (two == "--") return after(statement, "\n", start);
  if (two == "/*") return end_of_comment(statement, start);
  if (c == '$') return end_of_dollar(statement, start);
  return start + 1;
}

}  // namespace

Numbered number_placeholders(std::string_view statement) {
  Numbered out;
  out.statement.reserve(statement.size() + 16);
  for (size_t i = 0; i < statement.size();) {
    if (statement[i] == '?') {
      out.statement += '$';
      out.statement += std::to_string(++out.count);
      ++i;
      continue;
    }
    const size_t end = end_of_piece(statement, i);
    out.statement += statement.substr(i, end - i);
    i = end;
  }
  return out;
}

}  // namespace slipway::sql
