// What a model takes and gives: named, typed columns, as in MLflow's model signature.
#pragma once

#include <string>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::packaging {

// MLflow's names of these: boolean, long, double, string, datetime.
struct ColumnSpec {
  std::string name;
  tables::ColumnType type = tables::ColumnType::kDouble;
  bool required = true;
};

struct Signature {
  std::vector<ColumnSpec> inputs;
  std::vector<ColumnSpec> outputs;
};

}  // namespace slipway::packaging
