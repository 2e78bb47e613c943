#include "domains/data/paths.h"

#include <sys/stat.h>

#include <filesystem>
#include <vector>

#include "foundation/base/text.h"

namespace slipway::data::paths {

namespace {

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> out;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    const bool climbs = part == ".." && !out.empty() && out.back() != "..";
    if (climbs) {
      out.pop_back();
    } else if (part != ".." || !path.starts_with('/')) {
      out.push_back(part);
    }
  }
  return out;
}

}  // namespace

std::string clean(std::string_view path) {
  std::string out = path.starts_with('/') ? "/" : "";
  for (const std::string_view part : components(path)) {
    if (!out.empty() && out.back() != '/') out.push_back('/');
    out.append(part);
  }
  return out.empty() ? "." : out;
}

std::string join(std::string_view base, std::string_view path) {
  if (path.starts_with('/')) return clean(path);
  return clean(text::concat(base, '/', path));
}

std::string parent(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

std::string name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string relative(std::string_view path, std::string_view base) {
  const auto to = components(path);
  const auto from = components(base);
  size_t same = 0;
  while (same < to.size() && same < from.size() && to[same] == from[same]) ++same;
  std::string out;
  for (size_t i = same; i < from.size(); ++i) out.append(out.empty() ? ".." : "/..");
  for (size_t i = same; i < to.size(); ++i) out.append(out.empty() ? "" : "/").append(to[i]);
  return out.empty() ? "." : out;
}

bool inside(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder)) return false;
  return path.size() == folder.size() || folder.ends_with('/') || path[folder.size()] == '/';
}

bool overlap(std::string_view a, std::string_view b) { return inside(a, b) || inside(b, a); }

bool is_safe_relative(std::string_view path) {
  if (path.empty() || path.starts_with('/') || path.find('\0') != std::string_view::npos) return false;
  for (const std::string& part : text::split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string current_folder() { return std::filesystem::current_path().string(); }

}  // namespace slipway::data::paths
