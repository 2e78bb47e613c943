// Answers a GraphQL query by the REST calls its fields stand for, and gives back only what was asked. Used by the
// handler of /graphql.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "protocols/mlflow/mount.h"

namespace slipway::mlflow::graphql {

// {"data": {...}, "errors": [...]}. A field whose call fails is null and its message is among the errors; a query that
// cannot be answered at all has no data. `variables` may be null.
std::string execute(const Services& services, std::string_view query, std::string_view operation_name,
                    const boost::json::object* variables);

}  // namespace slipway::mlflow::graphql
