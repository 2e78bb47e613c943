// The tensor types of the Open Inference Protocol and how they meet ours.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "foundation/tables/table.h"

namespace slipway::oip {

enum class Datatype {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kFp32,
  kFp64,
  kBytes
};

std::string_view name_of(Datatype type);
std::optional<Datatype> find_datatype(std::string_view name);
// Of one element in a binary tensor; 0 for BYTES, whose elements carry their length.
size_t size_of(Datatype type);
// What a column travels as; times are INT64 of UTC milliseconds.
Datatype datatype_of(tables::ColumnType type);
tables::ColumnType column_type_of(Datatype type);

}  // namespace slipway::oip
