// What a tracked folder holds: DVC's .dir objects, byte for byte. Used to store, compare and restore folders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::data {

struct TreeEntry {
  std::string path;  // relative, '/' between names
  std::string md5;
};

// Sorted by the whole path, as DVC hashes it.
struct Tree {
  std::vector<TreeEntry> entries;

  void sort();
  // The bytes of the object; entries must be sorted.
  std::string write() const;
  // "<md5 of the bytes>.dir"
  std::string hash() const;
  // nullptr when absent.
  const TreeEntry* find(std::string_view path) const;
};

// Throws data_loss when the bytes are no such object or a path would leave its folder.
Tree parse_tree(std::string_view bytes);

inline bool is_tree_hash(std::string_view hash) { return hash.ends_with(".dir"); }
// 32 hexadecimal digits, with ".dir" behind or not.
bool is_object_hash(std::string_view hash);

}  // namespace slipway::data
