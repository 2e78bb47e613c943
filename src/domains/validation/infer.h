// A schema from data that is known to be good. Used by the command `schema`.
#pragma once

#include "domains/validation/schema.h"
#include "foundation/base/progress.h"

namespace slipway::validation {

struct InferOptions {
  // Numbers may leave the range seen by this part of its width on either side; what was never negative stays so.
  double widen = 0.5;
  bool with_ranges = true;
  // A text column with at most so many values, each seen twice on average, is a choice among them.
  size_t max_values = 50;
};

// Types, tolerated missing cells, ranges (none for times and keys, which move on), choices, keys.
Schema infer_schema(const tables::Table& table, const InferOptions& options = {}, Progress* progress = nullptr);

}  // namespace slipway::validation
