// From tensors to a table of the model's input columns.
#pragma once

#include <vector>

#include "domains/packaging/signature.h"
#include "protocols/oip/infer_request.h"

namespace slipway::oip {

// A tensor named as a column, of shape [N] or [N,1], is that column. One other numeric tensor of shape [N,F], F > 1,
// may hold all the numeric columns that have none of their own, in the signature's order. A JSON null, and NaN in a
// number, is a missing cell. Without a signature every tensor is a column of its own type. Throws invalid_argument
// naming the tensor.
tables::Table read_input_columns(const packaging::Signature& signature, const std::vector<InputTensor>& inputs);

}  // namespace slipway::oip
