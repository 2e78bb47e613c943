// Tables from and to CSV text. Used by io.cpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "foundation/tables/io.h"

namespace slipway::tables {

// Comma, semicolon, tab or |: whichever cuts the header line into the most cells, the first of these when several do.
char detect_delimiter(std::string_view content);
// `what` names the text in errors: "data.csv", "CSV". Without a delimiter in the options it is detected.
Table parse_csv(std::string_view content, const std::string& what, const ReadOptions& options);
// In pieces of some hundred KiB.
void format_csv(const Table& table, char delimiter, const std::function<void(std::string_view)>& write);

}  // namespace slipway::tables
