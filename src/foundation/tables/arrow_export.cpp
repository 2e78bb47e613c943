#include "foundation/tables/arrow_export.h"

namespace slipway::tables::bridge {

namespace {

template <typename Predicate>
std::vector<uint8_t> pack_bits(size_t count, const Predicate& is_set) {
  std::vector<uint8_t> bits((count + 7) / 8, 0);
  for (size_t i = 0; i < count; ++i) {
    if (is_set(i)) bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | (1U << (i % 8)));
  }
  return bits;
}

const char* format_of(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean:
      return "b";
    case ColumnType::kInteger:
      return "l";
    case ColumnType::kDouble:
      return "g";
    case ColumnType::kText:
      return "U";
    case ColumnType::kTime:
      return "tsm:UTC";
  }
  return "n";
}

// The structures borrow everything, so letting go of one only marks it, and what it holds, as released.
void release_array(ArrowArray* array) {
  for (int64_t i = 0; i < array->n_children; ++i) {
    if (array->children[i]->release != nullptr) array->children[i]->release(array->children[i]);
  }
  array->release = nullptr;
}

void release_schema(ArrowSchema* schema) {
  for (int64_t i = 0; i < schema->n_children; ++i) {
    if (schema->children[i]->release != nullptr) schema->children[i]->release(schema->children[i]);
  }
  schema->release = nullptr;
}

void release_stream(ArrowArrayStream* stream) { stream->release = nullptr; }

}  // namespace

ExportedTable::ExportedTable(const Table& table)
    : rows_(static_cast<int64_t>(table.rows())), children_(table.column_count()) {
  for (size_t i = 0; i < children_.size(); ++i) {
    describe(table.columns()[i], children_[i]);
    child_arrays_.push_back(&children_[i].array);
    child_schemas_.push_back(&children_[i].schema);
  }
  stream_.get_schema = get_schema;
  stream_.get_next = get_next;
  stream_.get_last_error = get_last_error;
  stream_.release = release_stream;
  stream_.private_data = this;
}

void ExportedTable::describe(const Column& column, Child& child) {
  if (column.missing_count() != 0) {
    child.present_bits = pack_bits(column.size(), [&](size_t row) { return column.missing()[row] == 0; });
    child.buffers[0] = child.present_bits.data();
  }
  if (column.type() == ColumnType::kBoolean) {
    child.value_bits = pack_bits(column.size(), [&](size_t row) { return column.integers()[row] != 0; });
    child.buffers[1] = child.value_bits.data();
  } else if (column.type() == ColumnType::kText) {
    child.buffers[1] = column.text_offsets().data();
    child.buffers[2] = column.text_bytes().data();
  } else if (column.type() == ColumnType::kDouble) {
    child.buffers[1] = column.doubles().data();
  } else {
    child.buffers[1] = column.integers().data();
  }
  child.array.length = rows_;
  child.array.null_count = static_cast<int64_t>(column.missing_count());
  child.array.n_buffers = column.type() == ColumnType::kText ? 3 : 2;
  child.array.buffers = child.buffers;
  child.array.release = release_array;
  child.schema.format = format_of(column.type());
  child.schema.name = column.name().c_str();
  child.schema.flags = ARROW_FLAG_NULLABLE;
  child.schema.release = release_schema;
}

void ExportedTable::fill_schema(ArrowSchema* out) {
  *out = ArrowSchema{};
  out->format = "+s";
  out->name = "";
  out->n_children = static_cast<int64_t>(child_schemas_.size());
  out->children = child_schemas_.data();
  out->release = release_schema;
}

void ExportedTable::fill_array(ArrowArray* out) {
  *out = ArrowArray{};
  if (given_) return;  // a released array ends the stream
  given_ = true;
  out->length = rows_;
  out->n_buffers = 1;
  out->buffers = no_buffers_;
  out->n_children = static_cast<int64_t>(child_arrays_.size());
  out->children = child_arrays_.data();
  out->release = release_array;
}

int ExportedTable::get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  static_cast<ExportedTable*>(stream->private_data)->fill_schema(out);
  return 0;
}

int ExportedTable::get_next(ArrowArrayStream* stream, ArrowArray* out) {
  static_cast<ExportedTable*>(stream->private_data)->fill_array(out);
  return 0;
}

const char* ExportedTable::get_last_error(ArrowArrayStream*) { return nullptr; }

}  // namespace slipway::tables::bridge
