#include "protocols/oip/datatype.h"

#include <array>

namespace slipway::oip {

namespace {

using tables::ColumnType;

struct Row {
  Datatype type;
  std::string_view name;
  size_t size_bytes;
  ColumnType column;
};

constexpr std::array<Row, 13> kTypes = {{{Datatype::kBool, "BOOL", 1, ColumnType::kBoolean},
                                         {Datatype::kUint8, "UINT8", 1, ColumnType::kInteger},
                                         {Datatype::kUint16, "UINT16", 2, ColumnType::kInteger},
                                         {Datatype::kUint32, "UINT32", 4, ColumnType::kInteger},
                                         {Datatype::kUint64, "UINT64", 8, ColumnType::kInteger},
                                         {Datatype::kInt8, "INT8", 1, ColumnType::kInteger},
                                         {Datatype::kInt16, "INT16", 2, ColumnType::kInteger},
                                         {Datatype::kInt32, "INT32", 4, ColumnType::kInteger},
                                         {Datatype::kInt64, "INT64", 8, ColumnType::kInteger},
                                         {Datatype::kFp16, "FP16", 2, ColumnType::kDouble},
                                         {Datatype::kFp32, "FP32", 4, ColumnType::kDouble},
                                         {Datatype::kFp64, "FP64", 8, ColumnType::kDouble},
                                         {Datatype::kBytes, "BYTES", 0, ColumnType::kText}}};

const Row& row_of(Datatype type) { return kTypes[static_cast<size_t>(type)]; }

}  // namespace

std::string_view name_of(Datatype type) { return row_of(type).name; }

std::optional<Datatype> find_datatype(std::string_view name) {
  for (const Row& row : kTypes) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

size_t size_of(Datatype type) { return row_of(type).size_bytes; }

Datatype datatype_of(tables::ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean:
      return Datatype::kBool;
    case ColumnType::kDouble:
      return Datatype::kFp64;
    case ColumnType::kText:
      return Datatype::kBytes;
    default:
      return Datatype::kInt64;
  }
}

tables::ColumnType column_type_of(Datatype type) { return row_of(type).column; }

}  // namespace slipway::oip
