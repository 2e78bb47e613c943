// A table as Arrow's C structures without copying the cells. Used by arrow_bridge.cpp.
#pragma once

#include <arrow/c/abi.h>

#include <string>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::tables::bridge {

// A stream of one batch that borrows from the table: both this object and the table must outlive its reading.
class ExportedTable {
 public:
  explicit ExportedTable(const Table& table);
  ExportedTable(const ExportedTable&) = delete;
  ExportedTable& operator=(const ExportedTable&) = delete;
  ArrowArrayStream* stream() { return &stream_; }

 private:
  struct Child {
    std::vector<uint8_t> present_bits;
    std::vector<uint8_t> value_bits;
    const void* buffers[3] = {nullptr, nullptr, nullptr};
    ArrowArray array{};
    ArrowSchema schema{};
  };

  void describe(const Column& column, Child& child);
  void fill_schema(ArrowSchema* out);
  void fill_array(ArrowArray* out);
  static int get_schema(ArrowArrayStream* stream, ArrowSchema* out);
  static int get_next(ArrowArrayStream* stream, ArrowArray* out);
  static const char* get_last_error(ArrowArrayStream* stream);

  int64_t rows_;
  bool given_ = false;
  std::vector<Child> children_;
  std::vector<ArrowArray*> child_arrays_;
  std::vector<ArrowSchema*> child_schemas_;
  const void* no_buffers_[1] = {nullptr};
  ArrowArrayStream stream_{};
};

}  // namespace slipway::tables::bridge
