#include "protocols/slipway/query.h"

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::protocol {

namespace {

Error not_a_number(std::string_view name, std::string_view given) {
  return invalid_argument("'", name, "' must be a whole number, got '", given, "'");
}

}  // namespace

std::optional<int64_t> find_query_int(const http::Request& request, std::string_view name) {
  const auto found = request.find_query(name);
  if (!found) return std::nullopt;
  const auto parsed = text::parse_int(*found);
  if (!parsed) throw not_a_number(name, *found);
  return parsed;
}

int64_t query_int(const http::Request& request, std::string_view name, int64_t otherwise) {
  const int64_t given = find_query_int(request, name).value_or(otherwise);
  if (given < 0) throw not_a_number(name, std::to_string(given));
  return given;
}

}  // namespace slipway::protocol
