// The part of DuckDB's stable C interface that query.cpp uses, declared here because the library is opened at run time
// and no header of it is needed for building. Names and layouts are DuckDB 1.5's.
#pragma once

#include <cstdint>
#include <cstring>

namespace slipway::tables::duckdb {

using Index = uint64_t;
using Database = void*;
using Connection = void*;
using Config = void*;
using Statements = void*;
using Prepared = void*;
using Chunk = void*;
using Vector = void*;
using LogicalType = void*;

enum State : int { kSuccess = 0, kFailure = 1 };

enum Type : int {
  kBoolean = 1,
  kTinyInt = 2,
  kSmallInt = 3,
  kInteger = 4,
  kBigInt = 5,
  kUTinyInt = 6,
  kUSmallInt = 7,
  kUInteger = 8,
  kUBigInt = 9,
  kFloat = 10,
  kDouble = 11,
  kTimestamp = 12,
  kDate = 13,
  kHugeInt = 16,
  kVarchar = 17,
  kDecimal = 19,
  kTimestampS = 20,
  kTimestampMs = 21,
  kTimestampNs = 22,
  kTimestampTz = 31,
  kUHugeInt = 32,
  kSqlNull = 36,
};

// What a statement gives; only rows are a table, a count of changed rows is not.
enum ResultKind : int { kChangedRows = 1, kNothing = 2, kRows = 3 };

struct Result {
  Index deprecated_column_count;
  Index deprecated_row_count;
  Index deprecated_rows_changed;
  void* deprecated_columns;
  char* deprecated_error_message;
  void* internal_data;
};

struct HugeInt {
  uint64_t lower;
  int64_t upper;
};

// A length, then up to 12 bytes; or a length, 4 bytes and a pointer to more.
struct alignas(8) String {
  uint32_t length;
  char inlined[12];

  const char* begin() const {
    if (length <= sizeof(inlined)) return inlined;
    const char* data = nullptr;
    std::memcpy(&data, inlined + 4, sizeof(data));
    return data;
  }
};
static_assert(sizeof(String) == 16);

struct Api {
  State (*create_config)(Config* out);
  State (*set_config)(Config config, const char* name, const char* option);
  void (*destroy_config)(Config* config);
  State (*open_ext)(const char* path, Database* out, Config config, char** error);
  void (*close)(Database* database);
  State (*connect)(Database database, Connection* out);
  void (*disconnect)(Connection* connection);
  Index (*extract_statements)(Connection connection, const char* query, Statements* out);
  const char* (*extract_statements_error)(Statements statements);
  void (*destroy_extracted)(Statements* statements);
  State (*prepare_extracted_statement)(Connection connection, Statements statements, Index index, Prepared* out);
  const char* (*prepare_error)(Prepared prepared);
  void (*destroy_prepare)(Prepared* prepared);
  Index (*prepared_statement_column_count)(Prepared prepared);
  // The caller frees it.
  char* (*prepared_statement_column_name)(Prepared prepared, Index column);
  Type (*prepared_statement_column_type)(Prepared prepared, Index column);
  State (*execute_prepared)(Prepared prepared, Result* out);
  const char* (*result_error)(Result* result);
  ResultKind (*result_return_type)(Result result);
  void (*destroy_result)(Result* result);
  Index (*column_count)(Result* result);
  const char* (*column_name)(Result* result, Index column);
  Type (*column_type)(Result* result, Index column);
  LogicalType (*column_logical_type)(Result* result, Index column);
  void (*destroy_logical_type)(LogicalType* type);
  uint8_t (*decimal_width)(LogicalType type);
  uint8_t (*decimal_scale)(LogicalType type);
  Type (*decimal_internal_type)(LogicalType type);
  Chunk (*fetch_chunk)(Result result);
  void (*destroy_data_chunk)(Chunk* chunk);
  Index (*data_chunk_get_size)(Chunk chunk);
  Vector (*data_chunk_get_vector)(Chunk chunk, Index column);
  void* (*vector_get_data)(Vector vector);
  uint64_t* (*vector_get_validity)(Vector vector);
  void (*free)(void* memory);
};

// Opened by the first call and kept.
const Api& api();

}  // namespace slipway::tables::duckdb
