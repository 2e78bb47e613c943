#include "domains/serving/last_served.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"
#include "foundation/base/log.h"

namespace slipway::serving {

namespace {

namespace fs = std::filesystem;

// Of the names and contents of all files below the folder.
std::string digest_of(const std::string& folder) {
  std::vector<std::string> lines;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    lines.push_back(text::concat(hash_file_hex(HashKind::kSha256, entry.path().string()), " ",
                                 entry.path().lexically_relative(folder).string()));
  }
  std::sort(lines.begin(), lines.end());
  return hash_hex(HashKind::kSha256, text::join(lines, "\n"));
}

}  // namespace

LastServed::LastServed(const std::string& cache_folder, const std::string& server_url, const std::string& address)
    : file_(text::concat(cache_folder, "/last-served-",
                         hash_hex(HashKind::kSha256, text::concat(server_url, "\n", address)).substr(0, 16), ".json")) {
}

void LastServed::remember(const ModelCandidate& candidate) const {
  try {
    files::write_atomic(file_, json::write(json::object{{"version", candidate.version},
                                                        {"folder", candidate.folder},
                                                        {"source", candidate.source},
                                                        {"sha256", digest_of(candidate.folder)}}));
  } catch (const std::exception& error) {
    log::warning("model.not_remembered",
                 {{"version", candidate.version},
                  {"reason", error.what()},
                  {"meaning", "it cannot be served from the cache while the registry is away"}});
  }
}

std::optional<ModelCandidate> LastServed::recall() const {
  if (!files::exists(file_)) return std::nullopt;
  try {
    const json::value document = json::parse(files::read(file_));
    const json::object& fields = json::as_object(document, file_);
    ModelCandidate out{json::get_string(fields, "version"), json::get_string(fields, "folder"),
                       json::get_string(fields, "source")};
    if (digest_of(out.folder) == json::get_string(fields, "sha256")) return out;
  } catch (const std::exception& error) {
    throw data_loss("what ", file_, " tells of cannot be read: ", error.what());
  }
  throw data_loss("the files that ", file_,
                  " tells of are not those that were served; they are fetched again once the "
                  "registry is there");
}

}  // namespace slipway::serving
