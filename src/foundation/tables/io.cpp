#include "foundation/tables/io.h"

#include <unistd.h>

#include <array>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/tables/arrow_bridge.h"
#include "foundation/tables/csv.h"
#include "foundation/tables/gzip.h"
#include "foundation/tables/output_file.h"

namespace slipway::tables {

namespace {

struct Extension {
  std::string_view ending;
  FileFormat format;
};
constexpr std::array<Extension, 8> kExtensions = {{{".csv", FileFormat::kCsv},
                                                   {".tsv", FileFormat::kCsv},
                                                   {".csv.gz", FileFormat::kCsv},
                                                   {".tsv.gz", FileFormat::kCsv},
                                                   {".parquet", FileFormat::kParquet},
                                                   {".pq", FileFormat::kParquet},
                                                   {".arrow", FileFormat::kArrow},
                                                   {".feather", FileFormat::kArrow}}};

bool ends_with(const std::string& path, std::string_view ending) {
  return path.size() > ending.size() &&
         text::equal_ignoring_case(std::string_view(path).substr(path.size() - ending.size()), ending);
}

char delimiter_of(const std::string& path) {
  return ends_with(path, ".tsv") || ends_with(path, ".tsv.gz") ? '\t' : ',';
}

// A file that never was of the format is the caller's mistake; one that begins well and cannot be read has lost bytes.
void check_magic(std::string_view content, std::string_view magic, const std::string& what, std::string_view format) {
  const std::string_view start = content.substr(0, magic.size());
  if (start != magic.substr(0, start.size())) {
    throw invalid_argument(what, " is not ", format, "; its name's extension must tell what it is");
  }
  if (start.size() < magic.size()) throw data_loss(what, " is cut short: ", content.size(), " bytes are no ", format);
}

void check_file_magic(const std::string& path, FileFormat format) {
  const files::Descriptor file = files::open_for_reading(path);
  std::array<char, 6> start{};
  const ssize_t got = ::pread(file.get(), start.data(), start.size(), 0);
  if (got < 0) throw system_error(text::concat("read ", path));
  const std::string_view content(start.data(), static_cast<size_t>(got));
  if (format == FileFormat::kParquet) return check_magic(content, "PAR1", path, "a Parquet file");
  check_magic(content, "ARROW1", path, "an Arrow file");
}

Table read_container(FileFormat format, const std::string& path, const ReadOptions& options) {
  check_file_magic(path, format);
  bridge::Source source;
  source.path = path;
  source.what = path;
  const auto container = format == FileFormat::kParquet ? bridge::Container::kParquet : bridge::Container::kArrow;
  return bridge::read(container, source, options.columns);
}

void write_csv(const Table& table, const std::string& path, OutputFile& file) {
  const auto write = [&file](std::string_view bytes) { file.write(bytes); };
  if (!ends_with(path, ".gz")) return format_csv(table, delimiter_of(path), write);
  GzipWriter gzip(write);
  format_csv(table, delimiter_of(path), [&gzip](std::string_view bytes) { gzip.add(bytes); });
  gzip.finish();
}

}  // namespace

FileFormat format_of(const std::string& path) {
  for (const Extension& extension : kExtensions) {
    if (ends_with(path, extension.ending)) return extension.format;
  }
  throw invalid_argument("the format of '", path,
                         "' is not known by its extension; use .csv, .tsv, .csv.gz, .tsv.gz, .parquet, .pq, .arrow or "
                         ".feather");
}

Table read_table(const std::string& path, const ReadOptions& options) {
  const FileFormat format = format_of(path);
  if (std::filesystem::is_directory(path)) throw invalid_argument(path, " is a folder; name one file");
  if (format != FileFormat::kCsv) return read_container(format, path, options);
  std::string content = files::read(path);
  if (ends_with(path, ".gz")) content = gunzip(content, path);
  if (options.delimiter || delimiter_of(path) == ',') return parse_csv(content, path, options);
  ReadOptions by_name = options;
  by_name.delimiter = delimiter_of(path);
  return parse_csv(content, path, by_name);
}

Table read_csv(std::string_view content, const ReadOptions& options) {
  return parse_csv(content, "the CSV text", options);
}

Table read_parquet(std::string_view content, const ReadOptions& options) {
  bridge::Source source;
  source.bytes = content;
  source.what = "the Parquet content";
  check_magic(content, "PAR1", source.what, "a Parquet file");
  return bridge::read(bridge::Container::kParquet, source, options.columns);
}

void write_table(const Table& table, const std::string& path) {
  const FileFormat format = format_of(path);
  if (table.column_count() == 0) throw invalid_argument("a table without columns cannot be written to ", path);
  OutputFile file(path);
  if (format == FileFormat::kCsv) {
    write_csv(table, path, file);
  } else {
    const auto container = format == FileFormat::kParquet ? bridge::Container::kParquet : bridge::Container::kArrow;
    bridge::write(container, table, [&file](std::string_view bytes) { file.write(bytes); });
  }
  file.commit();
}

}  // namespace slipway::tables
