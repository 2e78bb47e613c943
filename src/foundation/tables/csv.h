// Tables from and to CSV text. Used by io.cpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "foundation/tables/io.h"

namespace slipway::tables {

// `what` names the text in errors: "data.csv", "CSV".
Table parse_csv(std::string_view content, char delimiter, const std::string& what, const ReadOptions& options);
// In pieces of some hundred KiB.
void format_csv(const Table& table, char delimiter, const std::function<void(std::string_view)>& write);

}  // namespace slipway::tables
