#include "foundation/tables/arrow_bridge.h"

#include <arrow/c/abi.h>

#include <exception>
#include <optional>

#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/base/text.h"
#include "foundation/engines/library.h"
#include "foundation/tables/arrow/plugin.h"
#include "foundation/tables/arrow_export.h"
#include "foundation/tables/arrow_import.h"
#include "foundation/tables/parallel.h"

namespace slipway::tables::bridge {

namespace {

struct Functions {
  engines::Library library{"libslipway_arrow.so"};
  SlipwayArrowReadCsv* read_csv = nullptr;
  SlipwayArrowRead* read_parquet = nullptr;
  SlipwayArrowRead* read_ipc = nullptr;
  SlipwayArrowWrite* write_parquet = nullptr;
  SlipwayArrowWrite* write_ipc = nullptr;

  Functions() {
    library.bind(read_csv, "slipway_arrow_read_csv");
    library.bind(read_parquet, "slipway_arrow_read_parquet");
    library.bind(read_ipc, "slipway_arrow_read_ipc");
    library.bind(write_parquet, "slipway_arrow_write_parquet");
    library.bind(write_ipc, "slipway_arrow_write_ipc");
  }
};

// Never closed: Arrow's threads run until the process ends.
const Functions& functions() {
  static const auto* opened = new Functions();
  return *opened;
}

// Batches of a stream, released together.
class Batches {
 public:
  Batches() = default;
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;
  ~Batches() {
    for (ArrowArray& array : arrays_) array.release(&array);
    if (schema_.release != nullptr) schema_.release(&schema_);
    if (stream_.release != nullptr) stream_.release(&stream_);
  }

  ArrowArrayStream* stream() { return &stream_; }
  const ArrowSchema& schema() const { return schema_; }

  // False when the stream fails, with the reason.
  std::optional<std::string> load() {
    if (stream_.get_schema(&stream_, &schema_) != 0) return last_error();
    while (true) {
      ArrowArray array{};
      if (stream_.get_next(&stream_, &array) != 0) return last_error();
      if (array.release == nullptr) return std::nullopt;
      arrays_.push_back(array);
    }
  }

  size_t width() const { return static_cast<size_t>(schema_.n_children); }
  std::vector<const ArrowArray*> column(size_t position) const {
    std::vector<const ArrowArray*> out;
    for (const ArrowArray& array : arrays_) out.push_back(array.children[position]);
    return out;
  }

 private:
  std::string last_error() {
    const char* text = stream_.get_last_error(&stream_);
    return text == nullptr ? "unknown error" : text;
  }

  ArrowArrayStream stream_{};
  ArrowSchema schema_{};
  std::vector<ArrowArray> arrays_;
};

Error as_error(int code, const std::string& text, const Source& source, Container container) {
  const char* format = container == Container::kParquet ? "Parquet" : "Arrow";
  switch (code) {
    case kSlipwayArrowNoColumn:
      return not_found(source.what, " has no column '", text, "'");
    case kSlipwayArrowUnsupported:
      return invalid_argument(source.what, ": ", text,
                              ", which is not read; cast it, or leave it out by naming the columns to read");
    case kSlipwayArrowDamaged:
      return data_loss(source.what, " is damaged or cut short and cannot be read as ", format, ": ", text);
    default:
      return invalid_argument(source.what, ": ", text);
  }
}

void leave_out(void* self, const char* column, const char* type) {
  static_cast<std::vector<std::string>*>(self)->push_back(text::concat(column, " (", type, ")"));
}

struct Writer {
  const std::function<void(std::string_view)>& write;
  std::exception_ptr failure;
};

int write_bytes(void* self, const char* data, size_t size) {
  auto* writer = static_cast<Writer*>(self);
  try {
    writer->write({data, size});
    return 0;
  } catch (...) {
    writer->failure = std::current_exception();
    return 1;
  }
}

TextChunk chunk_of(const ArrowArray& array) {
  TextChunk chunk;
  chunk.length = static_cast<size_t>(array.length);
  chunk.first = static_cast<size_t>(array.offset);
  chunk.validity = array.null_count == 0 ? nullptr : static_cast<const uint8_t*>(array.buffers[0]);
  chunk.offsets = static_cast<const int32_t*>(array.buffers[1]);
  chunk.bytes = static_cast<const char*>(array.buffers[2]);
  return chunk;
}

}  // namespace

Table read(Container container, const Source& source, const std::vector<std::string>& columns) {
  std::vector<const char*> names;
  for (const std::string& column : columns) names.push_back(column.c_str());
  SlipwayArrowInput input{};
  if (!source.path.empty()) input.path = source.path.c_str();
  input.data = source.bytes.data();
  input.size = source.bytes.size();
  input.columns = names.data();
  input.column_count = names.size();
  std::vector<std::string> left_out;
  input.leave_out = leave_out;
  input.self = &left_out;
  Batches batches;
  SlipwayArrowError error{};
  SlipwayArrowRead* call = container == Container::kParquet ? functions().read_parquet : functions().read_ipc;
  const int code = call(&input, batches.stream(), &error);
  if (code != kSlipwayArrowOk) throw as_error(code, error.text, source, container);
  if (const auto failure = batches.load()) throw as_error(kSlipwayArrowDamaged, *failure, source, container);
  if (!left_out.empty()) {
    log::warning("columns of types that are not read are left out",
                 {{"table", source.what}, {"columns", text::join(left_out, ", ")}});
  }
  std::vector<std::optional<Column>> filled(batches.width());
  for_each_parallel(filled.size(),
                    [&](size_t i) { filled[i] = import_column(*batches.schema().children[i], batches.column(i)); });
  Table table;
  for (auto& column : filled) table.add(std::move(*column));
  return table;
}

void read_csv_cells(const CsvRecords& records,
                    const std::function<void(size_t position, const std::vector<TextChunk>&)>& settle) {
  SlipwayArrowCsv input{};
  input.data = records.bytes.data();
  input.size = records.bytes.size();
  input.delimiter = records.delimiter;
  input.has_quotes = records.bytes.find('"') == std::string_view::npos ? 0 : 1;
  input.width = records.width;
  input.selected = records.selected.data();
  input.selected_count = records.selected.size();
  Batches batches;
  SlipwayArrowError error{};
  if (functions().read_csv(&input, batches.stream(), &error) != kSlipwayArrowOk) throw invalid_argument(error.text);
  if (const auto failure = batches.load()) throw invalid_argument(*failure);
  for_each_parallel(batches.width(), [&](size_t i) {
    std::vector<TextChunk> chunks;
    for (const ArrowArray* array : batches.column(i)) {
      if (array->length != 0) chunks.push_back(chunk_of(*array));
    }
    settle(i, chunks);
  });
}

void write(Container container, const Table& table, const std::function<void(std::string_view)>& write) {
  ExportedTable exported(table);
  Writer writer{write, nullptr};
  const SlipwayArrowSink sink{&writer, write_bytes};
  SlipwayArrowError error{};
  SlipwayArrowWrite* call = container == Container::kParquet ? functions().write_parquet : functions().write_ipc;
  const int code = call(exported.stream(), &sink, &error);
  if (writer.failure) std::rethrow_exception(writer.failure);
  if (code != kSlipwayArrowOk) throw internal_error("the table cannot be written: ", error.text);
}

}  // namespace slipway::tables::bridge
