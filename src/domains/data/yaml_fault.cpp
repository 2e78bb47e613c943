#include "domains/data/yaml_fault.h"

#include <yaml-cpp/yaml.h>

#include <optional>
#include <utility>

namespace slipway::data {

namespace {

// The key, or the item of a list, and what it holds; nothing when it is not there.
std::optional<std::pair<size_t, YAML::Node>> step(const YAML::Node& at, const std::string& key) {
  size_t number = 0;
  for (const auto& item : at) {
    if (at.IsMap() && item.first.IsScalar() && item.first.Scalar() == key) {
      return std::pair(static_cast<size_t>(item.first.Mark().line) + 1, item.second);
    }
    if (at.IsSequence() && std::to_string(number++) == key) {
      const YAML::Node& node = item;
      return std::pair(static_cast<size_t>(node.Mark().line) + 1, node);
    }
  }
  return std::nullopt;
}

}  // namespace

size_t line_in_yaml(std::string_view text, const KeyPath& path) {
  size_t line = 1;
  YAML::Node at = YAML::Load(std::string(text));
  for (const std::string& key : path) {
    const auto inner = step(at, key);
    if (!inner) break;
    line = inner->first;
    at.reset(inner->second);
  }
  return line;
}

Error YamlFault::told(std::string_view text, std::string_view name) const {
  const size_t line = line_in_yaml(text, where_);
  return invalid_argument("'", name, "' is invalid: ", what(), ", in ", text::join(where_, " -> "), ", line ", line,
                          yaml_excerpt(text, line));
}

std::string yaml_excerpt(std::string_view text, size_t line) {
  const std::vector<std::string> lines = text::split(text, '\n');
  std::string out;
  for (size_t number = line > 1 ? line - 1 : 1; number <= line && number <= lines.size(); ++number) {
    out += text::concat("\n  ", number, " | ", lines[number - 1]);
  }
  return out.empty() ? out : "\n" + out;
}

bool has_conflict_markers(std::string_view text) {
  for (const std::string_view marker : {"<<<<<<<", "=======", ">>>>>>>"}) {
    for (size_t at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at + 1)) {
      const bool starts_line = at == 0 || text[at - 1] == '\n';
      const std::string_view rest = text.substr(at + marker.size());
      if (starts_line && (rest.empty() || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\r')) return true;
    }
  }
  return false;
}

}  // namespace slipway::data
