#include "domains/data/tree.h"

#include <algorithm>

#include "domains/data/paths.h"
#include "domains/data/value.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"

namespace slipway::data {

void Tree::sort() {
  std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.path < b.path; });
}

std::string Tree::write() const {
  std::string out = "[";
  out.reserve(entries.size() * 80);
  for (const TreeEntry& entry : entries) {
    if (out.size() > 1) out.append(", ");
    out.append("{\"md5\": \"").append(entry.md5).append("\", \"relpath\": ");
    append_python_json_string(entry.path, out);
    out.push_back('}');
  }
  return out.append("]");
}

std::string Tree::hash() const { return hash_hex(HashKind::kMd5, write()) + ".dir"; }

const TreeEntry* Tree::find(std::string_view path) const {
  const auto at = std::lower_bound(entries.begin(), entries.end(), path,
                                   [](const TreeEntry& entry, std::string_view wanted) { return entry.path < wanted; });
  return at != entries.end() && at->path == path ? &*at : nullptr;
}

Tree parse_tree(std::string_view bytes) {
  Tree out;
  try {
    const json::value document = json::parse(bytes);
    if (!document.is_array()) throw data_loss("a folder object must be a JSON list");
    out.entries.reserve(document.get_array().size());
    for (const json::value& item : document.get_array()) {
      const json::object& fields = json::as_object(item, "an entry of a folder object");
      out.entries.push_back({json::get_string(fields, "relpath"), json::get_string(fields, "md5")});
      const TreeEntry& entry = out.entries.back();
      if (!paths::is_safe_relative(entry.path)) throw data_loss("the path '", entry.path, "' leaves its folder");
      if (!is_object_hash(entry.md5)) throw data_loss("'", entry.path, "' has no valid hash");
    }
  } catch (const Error& error) {
    throw data_loss("a folder object in the cache is damaged: ", error.what());
  }
  out.sort();
  return out;
}

bool is_object_hash(std::string_view hash) {
  if (is_tree_hash(hash)) hash.remove_suffix(4);
  return hash.size() == 32 &&
         std::all_of(hash.begin(), hash.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace slipway::data
