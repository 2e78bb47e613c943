// The JSON inside of records: when two inputs are the same, how contents are merged, and which fields there are. Used
// by Datasets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/genai/dataset.h"

namespace slipway::genai {

// Brings every part into its normal form; throws invalid_argument for a part that is not what NewRecord says.
void complete(NewRecord& record);

// The same for equal values, in whatever order their members stand.
std::string hash_of(const std::string& json);

// `known` with the members of `added` on top; both are objects.
std::string merged(const std::string& known, const std::string& added);

// A member that is text.
std::optional<std::string> text_member(const std::string& object, std::string_view name);

// The fields of inputs, outputs and expectations with the type that each had first; nothing as long as there are no
// records. Fields beyond the first thousand of a part are left out.
std::optional<std::string> extended_schema(const std::optional<std::string>& known,
                                           const std::vector<NewRecord>& records);

}  // namespace slipway::genai
