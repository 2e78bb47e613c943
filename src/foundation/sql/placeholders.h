// `?` as this program writes values in statements, turned into `$1`, `$2`, ... as PostgreSQL wants them.
#pragma once

#include <string>
#include <string_view>

namespace slipway::sql {

struct Numbered {
  std::string statement;
  int count = 0;
};

// Question marks inside quotes, dollar quotes and comments stay.
Numbered number_placeholders(std::string_view statement);

}  // namespace slipway::sql
