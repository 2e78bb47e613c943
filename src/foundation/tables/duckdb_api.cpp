#include "foundation/tables/duckdb_api.h"

#include "foundation/engines/library.h"

namespace slipway::tables::duckdb {

namespace {

struct Opened {
  engines::Library library{"libduckdb.so"};
  Api api{};

  Opened() {
    bind_session();
    bind_results();
  }

  void bind_session() {
    library.bind(api.create_config, "duckdb_create_config");
    library.bind(api.set_config, "duckdb_set_config");
    library.bind(api.destroy_config, "duckdb_destroy_config");
    library.bind(api.open_ext, "duckdb_open_ext");
    library.bind(api.close, "duckdb_close");
    library.bind(api.connect, "duckdb_connect");
    library.bind(api.disconnect, "duckdb_disconnect");
    library.bind(api.extract_statements, "duckdb_extract_statements");
    library.bind(api.extract_statements_error, "duckdb_extract_statements_error");
    library.bind(api.destroy_extracted, "duckdb_destroy_extracted");
    library.bind(api.prepare_extracted_statement, "duckdb_prepare_extracted_statement");
    library.bind(api.prepare_error, "duckdb_prepare_error");
    library.bind(api.destroy_prepare, "duckdb_destroy_prepare");
    library.bind(api.prepared_statement_column_count, "duckdb_prepared_statement_column_count");
    library.bind(api.prepared_statement_column_name, "duckdb_prepared_statement_column_name");
    library.bind(api.prepared_statement_column_type, "duckdb_prepared_statement_column_type");
    library.bind(api.execute_prepared, "duckdb_execute_prepared");
  }

  void bind_results() {
    library.bind(api.result_error, "duckdb_result_error");
    library.bind(api.result_return_type, "duckdb_result_return_type");
    library.bind(api.destroy_result, "duckdb_destroy_result");
    library.bind(api.column_count, "duckdb_column_count");
    library.bind(api.column_name, "duckdb_column_name");
    library.bind(api.column_type, "duckdb_column_type");
    library.bind(api.column_logical_type, "duckdb_column_logical_type");
    library.bind(api.destroy_logical_type, "duckdb_destroy_logical_type");
    library.bind(api.decimal_width, "duckdb_decimal_width");
    library.bind(api.decimal_scale, "duckdb_decimal_scale");
    library.bind(api.decimal_internal_type, "duckdb_decimal_internal_type");
    library.bind(api.fetch_chunk, "duckdb_fetch_chunk");
    library.bind(api.destroy_data_chunk, "duckdb_destroy_data_chunk");
    library.bind(api.data_chunk_get_size, "duckdb_data_chunk_get_size");
    library.bind(api.data_chunk_get_vector, "duckdb_data_chunk_get_vector");
    library.bind(api.vector_get_data, "duckdb_vector_get_data");
    library.bind(api.vector_get_validity, "duckdb_vector_get_validity");
    library.bind(api.free, "duckdb_free");
  }
};

}  // namespace

const Api& api() {
  static const auto* opened = new Opened();
  return opened->api;
}

}  // namespace slipway::tables::duckdb
