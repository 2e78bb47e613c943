#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/blob_store.h"

namespace slipway::blobs {

namespace {

constexpr size_t kMaxKeyBytes = 1024;
// What file systems take as one name.
constexpr size_t kMaxPartBytes = 255;

// A key as it may stand in a message: short, and without what it is refused for.
std::string shown(std::string_view key) {
  std::string out;
  for (const char c : key.substr(0, 80)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return key.size() > 80 ? out + "..." : out;
}

void check_part(std::string_view part, std::string_view key) {
  if (part.empty()) throw invalid_argument("blob key \"", shown(key), "\" has an empty part between slashes");
  if (part == "." || part == "..") throw invalid_argument("blob key \"", shown(key), "\" has a part \"", part, "\"");
  if (part.size() > kMaxPartBytes) {
    throw invalid_argument("blob key \"", shown(key), "\" has a part of over ", kMaxPartBytes, " bytes");
  }
}

bool is_refused_character(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; }

}  // namespace

void check_key(std::string_view key) {
  if (key.empty()) throw invalid_argument("a blob key must not be empty");
  if (key.size() > kMaxKeyBytes)
    throw invalid_argument("blob key \"", shown(key), "\" is over ", kMaxKeyBytes, " bytes long");
  for (const char c : key) {
    if (is_refused_character(c))
      throw invalid_argument("blob key \"", shown(key), "\" holds a backslash or a control character");
  }
  if (!text::is_valid_utf8(key)) throw invalid_argument("blob key \"", shown(key), "\" is not valid UTF-8");
  if (key == kReservedFolder || key.starts_with(std::string(kReservedFolder) + "/")) {
    throw invalid_argument("blob keys below ", kReservedFolder, " are kept for uploads under way");
  }
  for (size_t start = 0; start <= key.size();) {
    const size_t end = std::min(key.find('/', start), key.size());
    check_part(key.substr(start, end - start), key);
    start = end + 1;
  }
}

void check_list_options(const ListOptions& options) {
  if (options.limit == 0) throw invalid_argument("the limit of a list must be at least 1");
  const std::string_view prefix = options.prefix;
  const size_t slash = prefix.rfind('/');
  if (slash != std::string_view::npos) check_key(prefix.substr(0, slash));
  if (std::any_of(prefix.begin(), prefix.end(), is_refused_character)) {
    throw invalid_argument("blob prefix \"", shown(prefix), "\" holds a backslash or a control character");
  }
}

}  // namespace slipway::blobs
