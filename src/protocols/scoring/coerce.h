// MLflow's coercions of one JSON value to a column's type: what pandas' astype does before the signature is enforced.
#pragma once

#include "domains/packaging/signature.h"
#include "foundation/base/json_stream.h"

namespace slipway::scoring {

// Silent where MLflow is: 1.5 becomes the long 1, "1" too, any text but "" the boolean true. Throws bad_request.
void append_coerced(tables::Column& column, const packaging::ColumnSpec& spec, JsonReader& reader);
// A cell that is not there: null.
void append_null(tables::Column& column, const packaging::ColumnSpec& spec);

}  // namespace slipway::scoring
