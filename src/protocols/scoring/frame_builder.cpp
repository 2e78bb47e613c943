#include "protocols/scoring/frame_builder.h"

#include <algorithm>
#include <utility>

#include "foundation/base/text.h"
#include "protocols/scoring/coerce.h"
#include "protocols/scoring/errors.h"

namespace slipway::scoring {

namespace {

using packaging::ColumnSpec;
using tables::ColumnType;
using Kind = JsonReader::Kind;

const ColumnSpec* find_spec(const packaging::Signature& signature, std::string_view name) {
  for (const ColumnSpec& spec : signature.inputs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

// The narrowest type that holds every value: boolean, long, double, else text.
ColumnType common_type(const std::vector<std::string_view>& values) {
  bool all_boolean = true;
  bool all_integer = true;
  bool all_number = true;
  for (const std::string_view value : values) {
    JsonReader reader(value);
    const Kind kind = reader.peek();
    if (kind == Kind::kNull) {
      all_boolean = all_integer = false;
      continue;
    }
    all_boolean = all_boolean && kind == Kind::kBoolean;
    all_number = all_number && kind == Kind::kNumber;
    all_integer = all_integer && kind == Kind::kNumber && reader.read_number().is_integer;
  }
  if (values.empty() || !(all_boolean || all_number)) return values.empty() ? ColumnType::kDouble : ColumnType::kText;
  if (all_boolean) return ColumnType::kBoolean;
  return all_integer ? ColumnType::kInteger : ColumnType::kDouble;
}

}  // namespace

size_t FrameBuilder::column(std::string_view name, size_t rows) {
  const auto known = by_name_.find(name);
  if (known != by_name_.end()) return known->second;
  const ColumnSpec* spec = find_spec(signature_, name);
  const bool dropped = spec == nullptr && !signature_.inputs.empty();
  const size_t index = dropped ? kDropped : slots_.size();
  by_name_.emplace(name, index);
  if (dropped) return kDropped;
  slots_.push_back({spec, tables::Column(std::string(name), spec == nullptr ? ColumnType::kText : spec->type), {}});
  while (size(index) < rows) append_missing(slots_[index]);
  return index;
}

void FrameBuilder::append_missing(Slot& slot) {
  if (slot.spec != nullptr) {
    append_null(slot.values, *slot.spec);
  } else {
    slot.untyped.emplace_back("null");
  }
}

void FrameBuilder::append(size_t column, JsonReader& reader) {
  if (column == kDropped) {
    reader.skip();
  } else if (slots_[column].spec != nullptr) {
    append_coerced(slots_[column].values, *slots_[column].spec, reader);
  } else {
    slots_[column].untyped.push_back(reader.skip());
  }
}

size_t FrameBuilder::size(size_t column) const {
  const Slot& slot = slots_[column];
  return slot.spec == nullptr ? slot.untyped.size() : slot.values.size();
}

void FrameBuilder::pad(size_t rows) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    while (size(i) < rows) append_missing(slots_[i]);
  }
}

tables::Column FrameBuilder::typed(const Slot& slot) const {
  const ColumnSpec spec{slot.values.name(), common_type(slot.untyped), false};
  tables::Column column(spec.name, spec.type);
  for (const std::string_view value : slot.untyped) {
    JsonReader reader(value);
    append_coerced(column, spec, reader);
  }
  return column;
}

tables::Table FrameBuilder::finish() {
  tables::Table table;
  for (Slot& slot : slots_) {
    tables::Column column = slot.spec == nullptr ? typed(slot) : std::move(slot.values);
    if (table.column_count() != 0 && column.size() != table.rows()) {
      throw bad_request(text::concat("The length of values for each input/column name are not the same: column ",
                                     column.name(), " has ", column.size(), ", others have ", table.rows()));
    }
    table.add(std::move(column));
  }
  check_required(signature_, table);
  return table;
}

void check_required(const packaging::Signature& signature, const tables::Table& table) {
  std::vector<std::string> missing;
  for (const ColumnSpec& spec : signature.inputs) {
    if (spec.required && table.find(spec.name) == nullptr) missing.push_back("'" + spec.name + "'");
  }
  if (missing.empty()) return;
  throw invalid_parameter("Failed to enforce schema of data. Error: Model is missing inputs [" +
                          text::join(missing, ", ") + "].");
}

}  // namespace slipway::scoring
