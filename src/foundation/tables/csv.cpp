#include "foundation/tables/csv.h"

#include <algorithm>
#include <optional>

#include "foundation/base/error.h"
#include "foundation/base/progress.h"
#include "foundation/base/text.h"
#include "foundation/tables/arrow_bridge.h"
#include "foundation/tables/csv_scan.h"
#include "foundation/tables/csv_types.h"

namespace slipway::tables {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Header {
  std::vector<std::string> names;
  size_t end = 0;        // where the records begin
  size_t next_line = 1;  // the line they begin on
};

Header read_header(std::string_view content, char delimiter, const std::string& what) {
  CsvScanner scanner(content, delimiter);
  if (!scanner.next()) throw invalid_argument(what, " is empty; a header line with the columns' names is needed");
  if (scanner.has_open_quote()) {
    throw invalid_argument(what, " line ", scanner.line(), ": a quote in the header is never closed");
  }
  Header header;
  header.names = scanner.fields();
  header.end = scanner.position();
  header.next_line = scanner.next_line();
  for (size_t i = 0; i < header.names.size(); ++i) {
    std::string& name = header.names[i];
    if (!text::is_valid_utf8(name)) {
      throw invalid_argument(what, " line ", scanner.line(), ": the header is not UTF-8; convert the file to UTF-8");
    }
    if (name.empty()) name = text::concat("column_", i + 1);
    if (std::count(header.names.begin(), header.names.begin() + static_cast<std::ptrdiff_t>(i), name) != 0) {
      throw invalid_argument(what, " line ", scanner.line(), ": two columns are named '", name, "'");
    }
  }
  return header;
}

size_t position_of(const Header& header, const std::string& name, const std::string& what) {
  const auto found = std::find(header.names.begin(), header.names.end(), name);
  if (found == header.names.end()) {
    throw not_found(what, " has no column '", name, "'; the columns are ", text::join(header.names, ", "));
  }
  return static_cast<size_t>(found - header.names.begin());
}

std::vector<size_t> selected_positions(const Header& header, const ReadOptions& options, const std::string& what) {
  std::vector<size_t> out;
  for (const std::string& name : options.columns) out.push_back(position_of(header, name, what));
  if (out.empty()) {
    for (size_t i = 0; i < header.names.size(); ++i) out.push_back(i);
  }
  return out;
}

// What is wrong with the first record that is not as the header says, or nothing.
std::optional<std::string> find_fault(std::string_view records, char delimiter, const Header& header) {
  CsvScanner scanner(records, delimiter, header.next_line);
  while (scanner.next()) {
    if (scanner.has_open_quote()) return text::concat("line ", scanner.line(), ": a quote is never closed");
    if (scanner.fields().size() != header.names.size()) {
      return text::concat("line ", scanner.line(), ": ", scanner.fields().size(), " cells where the header has ",
                          header.names.size(), " columns");
    }
    if (!text::is_valid_utf8(scanner.record())) {
      return text::concat("line ", scanner.line(), ": the text is not UTF-8; convert the file to UTF-8");
    }
  }
  return std::nullopt;
}

// Arrow takes a last quote that is never closed as closed at the end, and the rows it swallowed as one cell. An odd
// number of quotes is the sign to look closely.
void check_quotes_close(std::string_view records, char delimiter, const Header& header, const std::string& what) {
  if (std::count(records.begin(), records.end(), '"') % 2 == 0) return;
  if (const auto fault = find_fault(records, delimiter, header)) throw invalid_argument(what, " ", *fault);
}

size_t line_of_row(std::string_view records, char delimiter, const Header& header, size_t row) {
  CsvScanner scanner(records, delimiter, header.next_line);
  for (size_t i = 0; i <= row; ++i) scanner.next();
  return scanner.line();
}

struct Settled {
  std::optional<Column> column;
  std::optional<CellMismatch> mismatch;
};

Settled settle(const std::string& name, const std::vector<TextChunk>& chunks, const ReadOptions& options) {
  Settled out;
  const auto forced = options.types.find(name);
  try {
    out.column = forced == options.types.end() ? settle_type(name, chunks) : force_type(name, forced->second, chunks);
  } catch (const CellMismatch& mismatch) {
    out.mismatch = mismatch;
  }
  return out;
}

void append_quoted(std::string& out, std::string_view cell) {
  out.push_back('"');
  for (const char c : cell) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

// Text that would read back as missing or as two cells must stand in quotes.
void append_text_cell(std::string& out, std::string_view cell, char delimiter) {
  const bool reads_as_missing = cell.empty() || cell == "NA" || cell == "NaN" || cell == "null";
  const char special[] = {'"', '\n', '\r', delimiter};
  const bool splits = cell.find_first_of(std::string_view(special, sizeof(special))) != std::string_view::npos;
  if (reads_as_missing || splits) {
    append_quoted(out, cell);
  } else {
    out.append(cell);
  }
}

void append_cell(std::string& out, const Column& column, size_t row, char delimiter, std::string_view missing) {
  if (column.is_missing(row)) {
    out.append(missing);
  } else if (column.type() == ColumnType::kText) {
    append_text_cell(out, column.text(row), delimiter);
  } else {
    out.append(column.display(row));
  }
}

std::string_view without_byte_order_mark(std::string_view content) {
  return content.substr(content.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

}  // namespace

char detect_delimiter(std::string_view content) {
  content = without_byte_order_mark(content);
  char best = ',';
  size_t most = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    CsvScanner scanner(content, candidate);
    const size_t cells = scanner.next() && !scanner.has_open_quote() ? scanner.fields().size() : 0;
    if (cells > std::max(most, size_t{1})) {
      best = candidate;
      most = cells;
    }
  }
  return best;
}

Table parse_csv(std::string_view content, const std::string& what, const ReadOptions& options) {
  content = without_byte_order_mark(content);
  const char delimiter = options.delimiter ? *options.delimiter : detect_delimiter(content);
  const Header header = read_header(content, delimiter, what);
  bridge::CsvRecords records;
  records.bytes = content.substr(header.end);
  records.delimiter = delimiter;
  records.width = header.names.size();
  records.selected = selected_positions(header, options, what);

  std::vector<Settled> settled(records.selected.size());
  const auto name_at = [&](size_t i) { return header.names[records.selected[i]]; };
  if (records.bytes.find_first_not_of("\r\n") == std::string_view::npos) {
    for (size_t i = 0; i < settled.size(); ++i) settled[i] = settle(name_at(i), {}, options);
  } else {
    std::optional<Progress> progress;
    if (options.show_progress) progress.emplace(text::concat("Reading ", what), settled.size());
    try {
      bridge::read_csv_cells(records, [&](size_t i, const std::vector<TextChunk>& chunks) {
        settled[i] = settle(name_at(i), chunks, options);
        if (progress) progress->add();
      });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
      throw invalid_argument(what, " ", find_fault(records.bytes, delimiter, header).value_or(error.what()));
    }
  }
  check_quotes_close(records.bytes, delimiter, header, what);
  Table table;
  for (size_t i = 0; i < settled.size(); ++i) {
    if (settled[i].mismatch) {
      throw invalid_argument(what, " line ", line_of_row(records.bytes, delimiter, header, settled[i].mismatch->row),
                             ": '", settled[i].mismatch->value, "' in column '", name_at(i), "' is not of type ",
                             name_of(options.types.find(name_at(i))->second));
    }
    table.add(std::move(*settled[i].column));
  }
  return table;
}

void format_csv(const Table& table, char delimiter, const std::function<void(std::string_view)>& write) {
  constexpr size_t kPiece = size_t{256} << 10;
  // A line with one empty cell would be an empty line, which readers skip.
  const std::string_view missing = table.column_count() == 1 ? "NA" : "";
  std::string out;
  for (const Column& column : table.columns()) {
    if (&column != &table.columns().front()) out.push_back(delimiter);
    append_text_cell(out, column.name(), delimiter);
  }
  out.push_back('\n');
  for (size_t row = 0; row < table.rows(); ++row) {
    for (size_t i = 0; i < table.column_count(); ++i) {
      if (i != 0) out.push_back(delimiter);
      append_cell(out, table.columns()[i], row, delimiter, missing);
    }
    out.push_back('\n');
    if (out.size() < kPiece) continue;
    write(out);
    out.clear();
  }
  write(out);
}

}  // namespace slipway::tables
