// MLflow's coercions of one JSON value to a column's type: what pandas' astype does before the signature is enforced.
#pragma once

#include "domains/packaging/signature.h"
#include "foundation/base/json_stream.h"

namespace slipway::scoring {

// Silent where MLflow is: 1.5 becomes the long 1, "1" too, any text but "" the boolean true. Throws bad_request.
//
// A cell that is not there is missing, but in a required long or boolean column, which have no room for it: refused,
// in JSON, CSV and Parquet alike. (MLflow refuses it too, but for a null in a boolean column, which it takes for
// false.)
void append_coerced(tables::Column& column, const packaging::ColumnSpec& spec, JsonReader& reader);
bool cannot_be_missing(const packaging::ColumnSpec& spec);
void append_null(tables::Column& column, const packaging::ColumnSpec& spec);

}  // namespace slipway::scoring
