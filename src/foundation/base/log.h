// The program's log: one line per event on standard error, as text for people or as JSON for machines. Secrets never
// go in: callers log names and ids, not values of headers or settings.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };
enum class Format { kText, kJson };

// The default is kInfo, kText.
void configure(Level level, Format format);
bool enabled(Level level);

// A named value of an event; numbers are passed through text::piece by the caller's concat or as text.
using Field = std::pair<std::string_view, std::string>;

void debug(std::string_view event, std::initializer_list<Field> fields = {});
void info(std::string_view event, std::initializer_list<Field> fields = {});
void warning(std::string_view event, std::initializer_list<Field> fields = {});
void error(std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace slipway::log
