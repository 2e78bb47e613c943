#include "foundation/sql/values.h"

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::sql {

void check_values(const Values& values) {
  for (const Value& value : values) {
    if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isnan(*number)) {
      throw invalid_argument("NaN cannot be stored as a number: keep a flag beside it");
    }
    const auto* content = std::get_if<std::string>(&value);
    if (content == nullptr) continue;
    if (content->find('\0') != std::string::npos) throw invalid_argument("text must not hold a NUL character");
    if (!text::is_valid_utf8(*content)) throw invalid_argument("text is not valid UTF-8");
  }
}

}  // namespace slipway::sql
