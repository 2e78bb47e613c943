// The answer to an inference request: JSON, with binary tensors behind it where the client asked for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/packaging/signature.h"
#include "foundation/http/message.h"
#include "protocols/oip/infer_request.h"

namespace slipway::oip {

// The columns asked for, all if none were. Throws invalid_argument for an output the model does not have.
std::vector<OutputRequest> choose_outputs(const InferRequest& request, const packaging::Signature& signature);

http::Response infer_response(std::string_view model_name, std::string_view model_version, std::string_view id,
                              const tables::Table& outputs, const std::vector<OutputRequest>& chosen);

}  // namespace slipway::oip
