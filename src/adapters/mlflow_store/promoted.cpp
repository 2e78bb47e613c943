#include "adapters/mlflow_store/promoted.h"

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/json_stream.h"

namespace slipway::mlflow_store {

bool is_promoted(std::string_view metadata_key) {
  return metadata_key == traces::metadata::kSession || metadata_key == traces::metadata::kTokens ||
         metadata_key == traces::metadata::kCost;
}

void append_promoted_numbers(const sql::Row& row, int first, std::vector<traces::Tag>& metadata) {
  for (const std::string_view key : {traces::metadata::kTokens, traces::metadata::kCost}) {
    std::string out = "{";
    for (size_t i = 0; i < kPromotedNumbers.size(); ++i) {
      const Promoted& one = kPromotedNumbers[i];
      const int column = first + static_cast<int>(i);
      if (one.metadata != key || row.is_null(column)) continue;
      if (out.size() > 1) out.append(", ");
      append_json_string(out, one.column);
      out.append(": ");
      one.is_whole ? append_json_number(out, row.get_int(column)) : append_json_number(out, row.get_double(column));
    }
    if (out.size() > 1) metadata.push_back({std::string(key), out + "}"});
  }
}

sql::Values promoted_values(const std::vector<traces::Tag>& metadata) {
  sql::Values out(kPromotedNumbers.size(), nullptr);
  for (const std::string_view key : {traces::metadata::kTokens, traces::metadata::kCost}) {
    const std::string* text = traces::find_pair(metadata, key);
    if (text == nullptr) continue;
    try {
      const json::value document = json::parse(*text);
      for (size_t i = 0; i < kPromotedNumbers.size(); ++i) {
        const Promoted& one = kPromotedNumbers[i];
        const json::value* found =
            one.metadata == key ? json::find(json::as_object(document, key), one.column) : nullptr;
        if (found == nullptr || !found->is_number()) continue;
        const auto number = found->to_number<double>();
        if (!std::isfinite(number)) continue;
        out[i] = one.is_whole ? sql::Value(static_cast<int64_t>(number)) : sql::Value(number);
      }
    } catch (const Error&) {
      continue;  // what a program calls its usage need not be any
    }
  }
  return out;
}

}  // namespace slipway::mlflow_store
