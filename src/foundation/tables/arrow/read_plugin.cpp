#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "foundation/tables/arrow/failures.h"

namespace slipway::tables::plugin {

namespace {

bool is_supported(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return is_supported(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  switch (type.id()) {
    case arrow::Type::NA:
    case arrow::Type::BOOL:
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::DECIMAL128:
      return true;
    default:
      return arrow::is_integer(type.id());
  }
}

[[noreturn]] void refuse(const std::string& column, const std::string& type) {
  throw Failure{kSlipwayArrowUnsupported, "column '" + column + "' is of type " + type};
}

// The columns asked for in their order, or all that there is a column type for, as positions among the file's fields.
std::vector<int> positions_of(const arrow::Schema& schema, const SlipwayArrowInput& input) {
  std::vector<int> positions;
  for (size_t i = 0; i < input.column_count; ++i) {
    const int position = schema.GetFieldIndex(input.columns[i]);
    if (position < 0) throw Failure{kSlipwayArrowNoColumn, input.columns[i]};
    const arrow::Field& field = *schema.field(position);
    if (!is_supported(*field.type())) refuse(field.name(), field.type()->ToString());
    positions.push_back(position);
  }
  if (input.column_count != 0) return positions;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const arrow::Field& field = *schema.field(i);
    if (is_supported(*field.type())) {
      positions.push_back(i);
    } else {
      input.leave_out(input.self, field.name().c_str(), field.type()->ToString().c_str());
    }
  }
  if (positions.empty() && schema.num_fields() > 0)
    refuse(schema.field(0)->name(), schema.field(0)->type()->ToString());
  return positions;
}

// Views point into buffers of their own; a text column is one piece.
std::shared_ptr<arrow::ChunkedArray> without_views(const arrow::ChunkedArray& column) {
  arrow::ArrayVector chunks;
  for (const auto& chunk : column.chunks()) {
    const auto& views = static_cast<const arrow::StringViewArray&>(*chunk);
    arrow::LargeStringBuilder builder;
    for (int64_t row = 0; row < views.length(); ++row) {
      check(views.IsNull(row) ? builder.AppendNull() : builder.Append(views.GetView(row)), kSlipwayArrowDamaged);
    }
    chunks.push_back(check(builder.Finish(), kSlipwayArrowDamaged));
  }
  return std::make_shared<arrow::ChunkedArray>(std::move(chunks), arrow::large_utf8());
}

bool has_too_large(const arrow::ChunkedArray& column) {
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  for (const auto& chunk : column.chunks()) {
    const auto& numbers = static_cast<const arrow::UInt64Array&>(*chunk);
    for (int64_t row = 0; row < numbers.length(); ++row) {
      if (!numbers.IsNull(row) && numbers.Value(row) > kMost) return true;
    }
  }
  return false;
}

// The table with columns that cross the border: what only its values show is settled here.
std::shared_ptr<arrow::Table> portable(std::shared_ptr<arrow::Table> table, const SlipwayArrowInput& input) {
  for (int i = table->num_columns() - 1; i >= 0; --i) {
    const std::shared_ptr<arrow::Field> field = table->field(i);
    const std::shared_ptr<arrow::ChunkedArray> column = table->column(i);
    if (field->type()->id() == arrow::Type::STRING_VIEW) {
      table = check(table->SetColumn(i, field->WithType(arrow::large_utf8()), without_views(*column)),
                    kSlipwayArrowDamaged);
    } else if (field->type()->id() == arrow::Type::UINT64 && has_too_large(*column)) {
      const std::string type = "uint64 with numbers over 9223372036854775807";
      if (input.column_count != 0 || table->num_columns() == 1) refuse(field->name(), type);
      input.leave_out(input.self, field->name().c_str(), type.c_str());
      table = check(table->RemoveColumn(i), kSlipwayArrowDamaged);
    }
  }
  return table;
}

void export_table(const std::shared_ptr<arrow::Table>& table, ArrowArrayStream* out) {
  auto batches = std::make_shared<arrow::TableBatchReader>(table);
  check(arrow::ExportRecordBatchReader(std::move(batches), out), kSlipwayArrowDamaged);
}

std::shared_ptr<arrow::io::RandomAccessFile> open(const SlipwayArrowInput& input) {
  if (input.path != nullptr) return check(arrow::io::ReadableFile::Open(input.path), kSlipwayArrowDamaged);
  return std::make_shared<arrow::io::BufferReader>(
      std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(input.data), static_cast<int64_t>(input.size)));
}

void read_parquet(const SlipwayArrowInput& input, ArrowArrayStream* out) {
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  parquet::ArrowReaderProperties arrow_properties;
  arrow_properties.set_use_threads(true);
  parquet::arrow::FileReaderBuilder builder;
  check(builder.Open(open(input), properties), kSlipwayArrowDamaged);
  builder.properties(arrow_properties);
  const auto reader = check(builder.Build(), kSlipwayArrowDamaged);
  std::shared_ptr<arrow::Schema> schema;
  check(reader->GetSchema(&schema), kSlipwayArrowDamaged);
  // Nested columns have several leaves, so a field's position is the leaf's only while all columns are plain.
  const std::vector<int> positions = positions_of(*schema, input);
  std::vector<int> leaves;
  const parquet::SchemaDescriptor& columns = *reader->parquet_reader()->metadata()->schema();
  for (const int position : positions) {
    const std::string& name = schema->field(position)->name();
    for (int leaf = 0; leaf < columns.num_columns(); ++leaf) {
      if (columns.Column(leaf)->path()->ToDotVector().front() == name) leaves.push_back(leaf);
    }
  }
  std::shared_ptr<arrow::Table> table = check(reader->ReadTable(leaves), kSlipwayArrowDamaged);
  std::vector<int> order;
  for (const int position : positions) {
    order.push_back(table->schema()->GetFieldIndex(schema->field(position)->name()));
  }
  if (std::count(order.begin(), order.end(), -1) != 0)
    throw Failure{kSlipwayArrowWrongInput, "two columns of one name"};
  export_table(portable(check(table->SelectColumns(order), kSlipwayArrowDamaged), input), out);
}

void read_ipc(const SlipwayArrowInput& input, ArrowArrayStream* out) {
  const auto reader = check(arrow::ipc::RecordBatchFileReader::Open(open(input)), kSlipwayArrowDamaged);
  const std::vector<int> positions = positions_of(*reader->schema(), input);
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int i = 0; i < reader->num_record_batches(); ++i) {
    auto batch = check(reader->ReadRecordBatch(i), kSlipwayArrowDamaged);
    batch = check(batch->SelectColumns(positions), kSlipwayArrowDamaged);
    // A file can claim offsets outside its buffers; nothing past this line checks them again.
    check(batch->ValidateFull(), kSlipwayArrowDamaged);
    batches.push_back(std::move(batch));
  }
  arrow::FieldVector fields;
  for (const int position : positions) fields.push_back(reader->schema()->field(position));
  auto table = check(arrow::Table::FromRecordBatches(arrow::schema(fields), batches), kSlipwayArrowDamaged);
  export_table(portable(std::move(table), input), out);
}

std::shared_ptr<arrow::Table> read_csv_in_blocks(const SlipwayArrowCsv& input, int32_t block_size) {
  auto read = arrow::csv::ReadOptions::Defaults();
  read.use_threads = true;
  read.block_size = block_size;
  for (size_t i = 0; i < input.width; ++i) read.column_names.push_back(std::to_string(i));
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.delimiter = input.delimiter;
  parse.quoting = input.has_quotes != 0;
  parse.newlines_in_values = input.has_quotes != 0;
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.default_column_type = arrow::utf8();
  convert.null_values = {"", "NA", "NaN", "null"};
  convert.strings_can_be_null = true;
  convert.quoted_strings_can_be_null = false;
  for (size_t i = 0; i < input.selected_count; ++i) {
    convert.include_columns.push_back(std::to_string(input.selected[i]));
  }
  auto bytes =
      std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(input.data), static_cast<int64_t>(input.size));
  const auto reader =
      check(arrow::csv::TableReader::Make(arrow::io::default_io_context(),
                                          std::make_shared<arrow::io::BufferReader>(bytes), read, parse, convert),
            kSlipwayArrowWrongInput);
  return check(reader->Read(), kSlipwayArrowWrongInput);
}

void read_csv(const SlipwayArrowCsv& input, ArrowArrayStream* out) {
  constexpr size_t kBlock = size_t{1} << 20;
  constexpr size_t kMaxBlock = std::numeric_limits<int32_t>::max();
  size_t block = std::min(kBlock, input.size + 1);
  while (true) {
    try {
      return export_table(read_csv_in_blocks(input, static_cast<int32_t>(block)), out);
    } catch (const Failure& failure) {
      // A record longer than a block: Arrow asks for a bigger one.
      if (failure.text.find("straddling") == std::string::npos || block > input.size || block == kMaxBlock) throw;
      block = std::min({block * 16, input.size + 1, kMaxBlock});
    }
  }
}

}  // namespace

}  // namespace slipway::tables::plugin

using slipway::tables::plugin::guarded;

int slipway_arrow_read_csv(const SlipwayArrowCsv* input, ArrowArrayStream* out, SlipwayArrowError* error) {
  return guarded(error, kSlipwayArrowWrongInput, [&] { slipway::tables::plugin::read_csv(*input, out); });
}

int slipway_arrow_read_parquet(const SlipwayArrowInput* input, ArrowArrayStream* out, SlipwayArrowError* error) {
  return guarded(error, kSlipwayArrowDamaged, [&] { slipway::tables::plugin::read_parquet(*input, out); });
}

int slipway_arrow_read_ipc(const SlipwayArrowInput* input, ArrowArrayStream* out, SlipwayArrowError* error) {
  return guarded(error, kSlipwayArrowDamaged, [&] { slipway::tables::plugin::read_ipc(*input, out); });
}
