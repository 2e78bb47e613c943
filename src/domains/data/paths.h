// Paths as text, with '/' between names: joined, cleaned and made relative without asking the disk. Used all over data.
#pragma once

#include <string>
#include <string_view>

namespace slipway::data::paths {

// Absolute ones win; "." and ".." are resolved.
std::string join(std::string_view base, std::string_view path);
// Without ".", ".." and doubled slashes.
std::string clean(std::string_view path);
std::string parent(std::string_view path);
std::string name(std::string_view path);
// How `path` is written from `base`; both absolute. "." for the folder itself.
std::string relative(std::string_view path, std::string_view base);
// The same path or one below it.
bool inside(std::string_view path, std::string_view folder);
// Either holds the other.
bool overlap(std::string_view a, std::string_view b);
// True when a relative path from a file stays below the folder it is joined to.
bool is_safe_relative(std::string_view path);

bool is_folder(const std::string& path);
std::string current_folder();

}  // namespace slipway::data::paths
