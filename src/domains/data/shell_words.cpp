#include "domains/data/shell_words.h"

#include <algorithm>
#include <cctype>

#include "foundation/base/text.h"

namespace slipway::data {

std::string shell_quoted(std::string_view word) {
  const bool safe = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("@%+=:,./-_").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (safe) return std::string(word);
  return text::concat("'", text::replace_all(word, "'", "'\"'\"'"), "'");
}

}  // namespace slipway::data
