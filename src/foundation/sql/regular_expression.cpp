#include "foundation/sql/regular_expression.h"

#include <sqlite3.h>

#include <boost/regex.hpp>
#include <memory>
#include <stdexcept>
#include <string>

#include "foundation/base/error.h"

namespace slipway::sql {

namespace {

constexpr size_t kMaxPatternBytes = 1000;

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? std::string_view() : std::string_view(text, sqlite3_value_bytes(value));
}

// SQLite keeps the compiled pattern for as long as the argument stays the same.
const boost::regex& compiled(sqlite3_context* context, sqlite3_value* pattern) {
  if (const void* kept = sqlite3_get_auxdata(context, 0)) return *static_cast<const boost::regex*>(kept);
  const std::string_view text = text_of(pattern);
  auto made = std::make_unique<boost::regex>(text.begin(), text.end());
  sqlite3_set_auxdata(context, 0, made.release(), [](void* old) { delete static_cast<boost::regex*>(old); });
  const void* kept = sqlite3_get_auxdata(context, 0);
  if (kept == nullptr) throw std::runtime_error("out of memory");
  return *static_cast<const boost::regex*>(kept);
}

void regexp(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[1]) == SQLITE_NULL) return sqlite3_result_null(context);
  try {
    const boost::regex& pattern = compiled(context, arguments[0]);
    const std::string_view text = text_of(arguments[1]);
    sqlite3_result_int(context, boost::regex_search(text.begin(), text.end(), pattern) ? 1 : 0);
  } catch (const std::runtime_error&) {
    // Boost gives up a search whose steps grow too fast with the text.
    sqlite3_result_error_toobig(context);
  }
}

}  // namespace

void check_pattern(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes)
    throw invalid_argument("a regular expression takes at most ", kMaxPatternBytes, " bytes");
  try {
    const boost::regex tried(pattern.begin(), pattern.end());
  } catch (const std::runtime_error& error) {
    throw invalid_argument("Invalid regular expression '", pattern, "': ", error.what());
  }
}

void add_regexp(sqlite3* handle) {
  sqlite3_create_function_v2(handle, "regexp", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, regexp, nullptr, nullptr,
                             nullptr);
}

}  // namespace slipway::sql
