#include "protocols/scoring/json_frame.h"

#include <array>
#include <optional>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "protocols/scoring/errors.h"
#include "protocols/scoring/frame_builder.h"

namespace slipway::scoring {

namespace {

using Kind = JsonReader::Kind;

constexpr std::array<std::string_view, 4> kForms = {"dataframe_split", "dataframe_records", "instances", "inputs"};

ScoringError bad_split(const std::string& reason) {
  return bad_request(
      "Provided dataframe_split field is not a valid dataframe representation in 'split' format. Error: '" + reason +
      "'");
}

// The rest of an array whose rows are objects; the array is open and its first element comes next.
void read_records(JsonReader& reader, FrameBuilder& frame, bool same_keys) {
  std::string key;
  size_t row = 0;
  size_t width = 0;
  do {
    if (reader.peek() != Kind::kObject) throw bad_request("Every row must be an object, like the first one");
    size_t members = 0;
    for (reader.begin_object(); reader.next_member(key); ++members) {
      const size_t column = frame.column(key, row);
      if (column != FrameBuilder::kDropped && frame.size(column) > row) {
        throw bad_request("Row " + std::to_string(row) + " has '" + key + "' twice");
      }
      frame.append(column, reader);
    }
    if (row == 0) width = members;
    if (same_keys && members != width) {
      throw bad_request("The length of values for each input/column name are not the same");
    }
    frame.pad(++row);
  } while (reader.next_element());
}

size_t read_row(JsonReader& reader, FrameBuilder& frame, const std::vector<size_t>& columns) {
  size_t count = 0;
  for (reader.begin_array(); reader.next_element(); ++count) {
    if (count < columns.size()) {
      frame.append(columns[count], reader);
    } else {
      reader.skip();
    }
  }
  return count;
}

// Columns of rows without names: those of the signature in order, else 0, 1, 2...
std::vector<size_t> columns_by_position(const packaging::Signature& signature, size_t width, FrameBuilder& frame) {
  std::vector<size_t> columns;
  for (size_t i = 0; i < width; ++i) {
    const bool named = signature.inputs.size() == width;
    columns.push_back(frame.column(named ? signature.inputs[i].name : std::to_string(i)));
  }
  return columns;
}

size_t count_elements(JsonReader reader) {
  size_t count = 0;
  for (reader.begin_array(); reader.next_element(); ++count) reader.skip();
  return count;
}

// The rest of an array whose rows are lists, or single values of a model with one column.
void read_arrays(JsonReader& reader, const packaging::Signature& signature, FrameBuilder& frame) {
  const bool lists = reader.peek() == Kind::kArray;
  const size_t width = lists ? count_elements(reader) : 1;
  const std::vector<size_t> columns = columns_by_position(signature, width, frame);
  do {
    if ((reader.peek() == Kind::kArray) != lists) throw bad_request("Rows must be all lists or all single values");
    if (!lists) {
      frame.append(columns[0], reader);
    } else if (read_row(reader, frame, columns) != width) {
      throw bad_request("Every row must have as many values as the first one, " + std::to_string(width));
    }
  } while (reader.next_element());
}

void read_list(JsonReader& reader, const packaging::Signature& signature, FrameBuilder& frame, bool same_keys) {
  reader.begin_array();
  if (!reader.next_element()) return;
  if (reader.peek() == Kind::kObject) return read_records(reader, frame, same_keys);
  read_arrays(reader, signature, frame);
}

// {"column": [values]} or {"column": value}; a value of its own in brackets, [[1],[2]], is taken out of them.
void read_columns(JsonReader& reader, FrameBuilder& frame) {
  std::string key;
  for (reader.begin_object(); reader.next_member(key);) {
    const size_t column = frame.column(key);
    if (reader.peek() != Kind::kArray) {
      frame.append(column, reader);
      continue;
    }
    for (reader.begin_array(); reader.next_element();) {
      if (reader.peek() != Kind::kArray) {
        frame.append(column, reader);
      } else if (read_row(reader, frame, {column}) != 1) {
        throw bad_request("Column '" + key + "' must hold one value per row");
      }
    }
  }
}

std::vector<size_t> read_column_names(JsonReader& reader, FrameBuilder& frame) {
  std::vector<size_t> columns;
  if (reader.peek() != Kind::kArray) throw bad_split("columns must be a list");
  for (reader.begin_array(); reader.next_element();) {
    if (reader.peek() == Kind::kString) {
      columns.push_back(frame.column(reader.read_string()));
    } else {
      columns.push_back(frame.column(reader.skip()));
    }
  }
  return columns;
}

void read_split_rows(JsonReader& reader, FrameBuilder& frame, std::optional<std::vector<size_t>> columns) {
  if (reader.peek() != Kind::kArray) throw bad_split("data must be a list of rows");
  for (reader.begin_array(); reader.next_element();) {
    if (reader.peek() != Kind::kArray) throw bad_split("every row of data must be a list");
    if (!columns) columns = columns_by_position({}, count_elements(reader), frame);
    const size_t width = read_row(reader, frame, *columns);
    if (width != columns->size()) {
      throw bad_split(text::concat(columns->size(), " columns passed, passed data had ", width, " columns"));
    }
  }
}

void read_split(JsonReader& reader, FrameBuilder& frame) {
  if (reader.peek() != Kind::kObject) throw bad_split("it must be an object");
  std::optional<JsonReader> names;
  std::optional<JsonReader> data;
  std::string key;
  for (reader.begin_object(); reader.next_member(key);) {
    if (key == "columns") names = reader;
    if (key == "data") data = reader;
    reader.skip();
  }
  if (!data) throw bad_split("data is missing");
  std::optional<std::vector<size_t>> columns;
  if (names && names->peek() != Kind::kNull) columns = read_column_names(*names, frame);
  read_split_rows(*data, frame, std::move(columns));
}

std::vector<std::string> read_prediction_ids(JsonReader reader) {
  std::vector<std::string> ids;
  if (reader.peek() != Kind::kObject) return ids;
  std::string key;
  for (reader.begin_object(); reader.next_member(key);) {
    if (key != "prediction_ids") {
      reader.skip();
      continue;
    }
    for (reader.begin_array(); reader.next_element();) ids.emplace_back(reader.read_string());
  }
  return ids;
}

void read_form(std::string_view form, JsonReader& reader, const packaging::Signature& signature, FrameBuilder& frame) {
  if (form == "dataframe_split") return read_split(reader, frame);
  const Kind kind = reader.peek();
  if (kind == Kind::kArray) return read_list(reader, signature, frame, form == "instances");
  if (kind == Kind::kObject && form == "inputs") return read_columns(reader, frame);
  throw bad_request("'" + std::string(form) + "' must be a list");
}

}  // namespace

JsonFrame read_json_frame(std::string_view body, const packaging::Signature& signature) try {
  JsonReader reader(body);
  if (reader.peek() != Kind::kObject)
    throw bad_request("Invalid input. Ensure that input is a valid JSON formatted string that holds an object");
  std::optional<JsonReader> value;
  std::string_view form;
  JsonFrame result;
  std::string key;
  for (reader.begin_object(); reader.next_member(key);) {
    reader.peek();
    for (const std::string_view candidate : kForms) {
      if (key != candidate) continue;
      if (value)
        throw bad_request("Invalid input. The body must hold only one of " +
                          text::join({kForms.begin(), kForms.end()}, ", "));
      value = reader;
      form = candidate;
    }
    if (key == "params") result.prediction_ids = read_prediction_ids(reader);
    reader.skip();
  }
  reader.finish();
  if (!value)
    throw bad_request(
        "Invalid input. The body must hold exactly one of dataframe_split, dataframe_records, instances, inputs");
  FrameBuilder frame(signature);
  read_form(form, *value, signature, frame);
  result.rows = frame.finish();
  return result;
} catch (const Error& error) {
  throw bad_request(text::concat("Invalid input. Ensure that input is a valid JSON formatted string. ", error.what()));
}

}  // namespace slipway::scoring
