#include "foundation/tables/sql_script.h"

#include <algorithm>
#include <cctype>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::tables {

namespace {

size_t line_at(std::string_view script, size_t position) {
  const auto end = script.begin() + static_cast<std::ptrdiff_t>(std::min(position, script.size()));
  return 1 + static_cast<size_t>(std::count(script.begin(), end, '\n'));
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

size_t end_or(std::string_view sql, size_t found, size_t length) {
  return found == std::string_view::npos ? sql.size() : found + length;
}

// Behind the quote that closes the one at `begin`; doubled quotes inside simply begin another piece.
size_t skip_quoted(std::string_view sql, size_t begin) { return end_or(sql, sql.find(sql[begin], begin + 1), 1); }

// $$...$$ or $tag$...$tag$; a lone dollar (a parameter) is one character.
size_t skip_dollar(std::string_view sql, size_t begin) {
  size_t end = begin + 1;
  while (end < sql.size() && is_word(sql[end])) ++end;
  if (end >= sql.size() || sql[end] != '$') return begin + 1;
  const std::string_view tag = sql.substr(begin, end - begin + 1);
  return end_or(sql, sql.find(tag, end + 1), tag.size());
}

bool begins_comment(std::string_view sql, size_t at) { return sql.substr(at, 2) == "--" || sql.substr(at, 2) == "/*"; }

// DuckDB's block comments nest.
size_t skip_comment(std::string_view sql, size_t begin) {
  if (sql[begin] == '-') return std::min(sql.find('\n', begin), sql.size());
  int depth = 0;
  for (size_t i = begin; i + 1 < sql.size(); ++i) {
    if (sql.substr(i, 2) == "/*")
      ++depth, ++i;
    else if (sql.substr(i, 2) == "*/")
      --depth, ++i;
    if (depth == 0) return i + 1;
  }
  return sql.size();
}

struct Token {
  size_t begin = 0;
  size_t end = 0;
  bool is_blank = false;  // white space or a comment
};

Token token_at(std::string_view sql, size_t begin) {
  Token token{begin, begin + 1, false};
  const char c = sql[begin];
  if (begins_comment(sql, begin)) {
    token.end = skip_comment(sql, begin);
    token.is_blank = true;
  } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
    token.is_blank = true;
  } else if (c == '\'' || c == '"') {
    token.end = skip_quoted(sql, begin);
  } else if (c == '$') {
    token.end = skip_dollar(sql, begin);
  } else if (is_word(c)) {
    while (token.end < sql.size() && is_word(sql[token.end])) ++token.end;
  }
  return token;
}

std::vector<std::string> names_of(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  return names;
}

}  // namespace

std::string fill_variables(std::string_view script, const std::map<std::string, std::string>& variables) {
  std::string out;
  size_t from = 0;
  while (true) {
    const size_t open = script.find("{{", from);
    out.append(script.substr(from, open - from));
    if (open == std::string_view::npos) return out;
    const size_t close = script.find("}}", open);
    if (close == std::string_view::npos) {
      throw invalid_argument("line ", line_at(script, open), ": '{{' is never closed by '}}'");
    }
    const std::string name(text::trim(script.substr(open + 2, close - open - 2)));
    const auto found = variables.find(name);
    if (found == variables.end()) {
      throw invalid_argument("line ", line_at(script, open), ": variable '", name, "' is not set; set it with --set ",
                             name, "=VALUE", variables.empty() ? "" : "; set are ",
                             text::join(names_of(variables), ", "));
    }
    out.append(found->second);
    from = close + 2;
  }
}

std::vector<SqlStatement> split_statements(std::string_view script) {
  std::vector<SqlStatement> out;
  size_t begin = std::string_view::npos;  // of the current statement's first token
  size_t at = 0;
  const auto close = [&](size_t end) {
    if (begin != std::string_view::npos) {
      out.push_back({std::string(script.substr(begin, end - begin)), line_at(script, begin)});
    }
    begin = std::string_view::npos;
  };
  while (at < script.size()) {
    const Token token = token_at(script, at);
    if (script[at] == ';') {
      close(at);
    } else if (!token.is_blank && begin == std::string_view::npos) {
      begin = at;
    }
    at = token.end;
  }
  close(script.size());
  return out;
}

std::string place_output(const std::string& statement, const std::string& folder) {
  const std::string_view sql = statement;
  int depth = 0;
  bool is_copy = false;
  bool is_first = true;
  bool after_to = false;
  for (size_t at = 0; at < sql.size();) {
    const Token token = token_at(sql, at);
    const std::string_view word = sql.substr(token.begin, token.end - token.begin);
    at = token.end;
    if (token.is_blank) continue;
    if (is_first) is_copy = text::equal_ignoring_case(word, "copy");
    is_first = false;
    if (!is_copy) return statement;
    if (word == "(") ++depth;
    if (word == ")") --depth;
    if (after_to && word[0] == '\'') {
      const bool is_elsewhere = word.substr(1, 1) == "/" || word.find("://") != std::string_view::npos;
      if (is_elsewhere) return statement;
      const std::string prefix = text::replace_all(folder, "'", "''") + "/";
      return statement.substr(0, token.begin + 1) + prefix + statement.substr(token.begin + 1);
    }
    after_to = depth == 0 && text::equal_ignoring_case(word, "to");
  }
  return statement;
}

}  // namespace slipway::tables
