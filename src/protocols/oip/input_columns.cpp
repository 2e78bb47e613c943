#include "protocols/oip/input_columns.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "protocols/oip/cells.h"

namespace slipway::oip {

namespace {

using packaging::ColumnSpec;
using tables::Column;
using tables::ColumnType;

bool is_numeric(ColumnType type) { return type != ColumnType::kText && type != ColumnType::kTime; }

bool is_column_shape(const InputTensor& tensor) {
  return tensor.shape.size() == 1 || (tensor.shape.size() == 2 && tensor.shape[1] == 1);
}

std::string show_shape(const InputTensor& tensor) {
  std::vector<std::string> sizes;
  for (const uint64_t size : tensor.shape) sizes.push_back(std::to_string(size));
  return "[" + text::join(sizes, ",") + "]";
}

Column read_column(const InputTensor& tensor, ColumnType type) {
  if (!is_column_shape(tensor)) {
    throw invalid_argument("input '", tensor.name, "' is one column, so its shape must be [N] or [N,1], got ",
                           show_shape(tensor));
  }
  Column column(tensor.name, type);
  for_each_cell(tensor, [&](const Cell& cell) { append_cell(column, cell); });
  return column;
}

// Several columns at once. A tensor of one column is never taken for one: its name would be a misspelt column's.
bool is_matrix(const InputTensor& tensor) {
  return tensor.shape.size() == 2 && tensor.shape[1] > 1 && tensor.datatype != Datatype::kBytes;
}

// Every tensor by its name, at most one matrix, and the names that are no column's.
struct Assignment {
  std::map<std::string, const InputTensor*, std::less<>> columns;
  const InputTensor* matrix = nullptr;
  std::vector<std::string> unknown;
};

Assignment assign(const packaging::Signature& signature, const std::vector<InputTensor>& inputs) {
  Assignment assignment;
  for (const InputTensor& tensor : inputs) {
    const bool known = std::any_of(signature.inputs.begin(), signature.inputs.end(),
                                   [&](const ColumnSpec& spec) { return spec.name == tensor.name; });
    if (known && is_column_shape(tensor)) {
      if (!assignment.columns.emplace(tensor.name, &tensor).second) {
        throw invalid_argument("input '", tensor.name, "' comes twice");
      }
    } else if (is_matrix(tensor) && assignment.matrix == nullptr) {
      assignment.matrix = &tensor;
    } else if (known) {
      read_column(tensor, ColumnType::kDouble);  // throws: the shape is wrong
    } else {
      assignment.unknown.push_back("'" + tensor.name + "'");
    }
  }
  return assignment;
}

std::vector<Column> read_matrix(const InputTensor& matrix, const std::vector<const ColumnSpec*>& specs) {
  if (matrix.shape[1] != specs.size()) {
    throw invalid_argument("input '", matrix.name, "' has shape ", show_shape(matrix), ", but the model takes ",
                           specs.size(), " numeric columns besides those sent by name");
  }
  std::vector<Column> columns;
  for (const ColumnSpec* spec : specs) columns.emplace_back(spec->name, spec->type);
  size_t next = 0;
  for_each_cell(matrix, [&](const Cell& cell) {
    append_cell(columns[next], cell);
    next = next + 1 == columns.size() ? 0 : next + 1;
  });
  return columns;
}

tables::Table as_sent(const std::vector<InputTensor>& inputs) {
  tables::Table table;
  for (const InputTensor& tensor : inputs) table.add(read_column(tensor, column_type_of(tensor.datatype)));
  return table;
}

void check_complete(const packaging::Signature& signature, const tables::Table& table) {
  std::vector<std::string> missing;
  for (const ColumnSpec& spec : signature.inputs) {
    if (spec.required && table.find(spec.name) == nullptr) missing.push_back("'" + spec.name + "'");
  }
  if (!missing.empty()) throw invalid_argument("inputs are missing: ", text::join(missing, ", "));
}

// Names both what the model does not know and what it may have meant.
[[noreturn]] void refuse_unknown(const packaging::Signature& signature, const Assignment& assignment) {
  std::vector<std::string> not_sent;
  for (const ColumnSpec& spec : signature.inputs) {
    if (!assignment.columns.contains(spec.name)) not_sent.push_back("'" + spec.name + "'");
  }
  throw invalid_argument("the model has no input ", text::join(assignment.unknown, ", "),
                         not_sent.empty() ? "" : "; not sent by name: ", text::join(not_sent, ", "));
}

}  // namespace

tables::Table read_input_columns(const packaging::Signature& signature, const std::vector<InputTensor>& inputs) {
  if (signature.inputs.empty()) return as_sent(inputs);
  const Assignment assignment = assign(signature, inputs);
  if (!assignment.unknown.empty()) refuse_unknown(signature, assignment);
  std::vector<Column> columns;
  std::vector<const ColumnSpec*> in_matrix;
  for (const ColumnSpec& spec : signature.inputs) {
    const auto sent = assignment.columns.find(spec.name);
    if (sent != assignment.columns.end()) {
      columns.push_back(read_column(*sent->second, spec.type));
    } else if (is_numeric(spec.type)) {
      in_matrix.push_back(&spec);
    }
  }
  if (assignment.matrix != nullptr) {
    for (Column& column : read_matrix(*assignment.matrix, in_matrix)) columns.push_back(std::move(column));
  }
  tables::Table table;
  for (Column& column : columns) table.add(std::move(column));
  check_complete(signature, table);
  return table;
}

}  // namespace slipway::oip
