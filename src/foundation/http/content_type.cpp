// Media types by file name, declared in message.h.
#include <algorithm>
#include <array>

#include "foundation/base/text.h"
#include "foundation/http/message.h"

namespace slipway::http {

std::string_view content_type_of(std::string_view file_name) {
  struct Known {
    std::string_view extension;
    std::string_view type;
  };
  static constexpr std::array<Known, 42> kKnown = {{
      {"html", "text/html; charset=utf-8"},
      {"htm", "text/html; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"json", "application/json"},
      {"map", "application/json"},
      {"ipynb", "application/json"},
      {"jsonl", "application/x-ndjson"},
      {"ndjson", "application/x-ndjson"},
      {"geojson", "application/geo+json"},
      {"txt", "text/plain; charset=utf-8"},
      {"log", "text/plain; charset=utf-8"},
      {"md", "text/markdown; charset=utf-8"},
      {"py", "text/plain; charset=utf-8"},
      {"sql", "text/plain; charset=utf-8"},
      {"toml", "text/plain; charset=utf-8"},
      {"ini", "text/plain; charset=utf-8"},
      {"yaml", "text/yaml; charset=utf-8"},
      {"yml", "text/yaml; charset=utf-8"},
      {"dvc", "text/yaml; charset=utf-8"},
      {"csv", "text/csv; charset=utf-8"},
      {"tsv", "text/tab-separated-values; charset=utf-8"},
      {"xml", "application/xml"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"gif", "image/gif"},
      {"webp", "image/webp"},
      {"ico", "image/x-icon"},
      {"pdf", "application/pdf"},
      {"wasm", "application/wasm"},
      {"woff", "font/woff"},
      {"woff2", "font/woff2"},
      {"mp4", "video/mp4"},
      {"wav", "audio/wav"},
      {"zip", "application/zip"},
      {"gz", "application/gzip"},
      {"tar", "application/x-tar"},
      {"parquet", "application/vnd.apache.parquet"},
      {"arrow", "application/vnd.apache.arrow.file"},
  }};
  // MLflow's model description has no extension and is YAML.
  if (file_name == "MLmodel" || file_name.ends_with("/MLmodel")) return "text/yaml; charset=utf-8";
  const size_t dot = file_name.find_last_of("./");
  if (dot == std::string_view::npos || file_name[dot] == '/') return "application/octet-stream";
  const std::string extension = text::lower(file_name.substr(dot + 1));
  const auto* found =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.extension == extension; });
  return found == kKnown.end() ? "application/octet-stream" : found->type;
}

}  // namespace slipway::http
