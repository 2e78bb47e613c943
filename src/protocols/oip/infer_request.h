// An inference request, checked for form: who asks for what, with which tensors. Their values are read later, into
// columns, once the model is known (input_columns.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/oip/datatype.h"

namespace slipway::oip {

struct InputTensor {
  std::string name;
  Datatype datatype = Datatype::kFp64;
  std::vector<uint64_t> shape;
  uint64_t elements = 0;    // product of the shape
  std::string_view json;    // its "data", a list; empty for a binary tensor
  std::string_view binary;  // raw little-endian elements
  std::optional<uint64_t> binary_size;
};

struct OutputRequest {
  std::string name;
  bool binary = false;
};

struct InferRequest {
  std::string id;
  std::vector<std::string> prediction_ids;
  bool binary_outputs = false;  // for outputs that do not say themselves
  std::vector<InputTensor> inputs;
  std::vector<OutputRequest> outputs;  // none: all
};

// `body` must outlive the request. `json_length` is the value of Inference-Header-Content-Length: so many bytes are
// JSON, the rest are the binary tensors in order; nothing: all is JSON, whatever the Content-Type says. Throws
// invalid_argument.
InferRequest parse_infer_request(std::string_view body, std::optional<std::string_view> json_length);

}  // namespace slipway::oip
