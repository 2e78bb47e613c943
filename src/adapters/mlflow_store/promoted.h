// Metadata of traces that MLflow 3.17 keeps in columns of their own: the session, and token counts and costs, which
// were JSON texts before. Used by SqlReader and SqlTarget.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/traces/trace.h"
#include "foundation/sql/database.h"

namespace slipway::mlflow_store {

struct Promoted {
  std::string_view column;    // and the member of the JSON text
  std::string_view metadata;  // the key of that text
  bool is_whole;
};
inline constexpr std::array<Promoted, 9> kPromotedNumbers = {
    {{"input_tokens", traces::metadata::kTokens, true},
     {"output_tokens", traces::metadata::kTokens, true},
     {"total_tokens", traces::metadata::kTokens, true},
     {"cache_read_input_tokens", traces::metadata::kTokens, true},
     {"cache_creation_input_tokens", traces::metadata::kTokens, true},
     {"cache_creation_input_tokens_above_1hr", traces::metadata::kTokens, true},
     {"input_cost", traces::metadata::kCost, false},
     {"output_cost", traces::metadata::kCost, false},
     {"total_cost", traces::metadata::kCost, false}}};

bool is_promoted(std::string_view metadata_key);
// The JSON texts of the columns of `row` that begin at `first`, in the order above.
void append_promoted_numbers(const sql::Row& row, int first, std::vector<traces::Tag>& metadata);
// One value for each column, in the order above; NULL where the metadata says nothing that fits.
sql::Values promoted_values(const std::vector<traces::Tag>& metadata);

}  // namespace slipway::mlflow_store
