#include "domains/data/yaml_edit.h"

#include <algorithm>
#include <optional>

#include "domains/data/yaml.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

// The lines of one key and its value: [begin, end), the key `indent` blanks to the right.
struct Block {
  size_t begin = 0;
  size_t end = 0;
  size_t indent = 0;
};

std::optional<size_t> number_in(const std::string& key, size_t below) {
  const auto parsed = text::parse_int(key);
  if (!parsed || *parsed < 0 || static_cast<size_t>(*parsed) >= below) return std::nullopt;
  return static_cast<size_t>(*parsed);
}

class Editor {
 public:
  explicit Editor(std::string_view text) : lines_(text::split(text, '\n')) {
    if (!lines_.empty() && lines_.back().empty()) lines_.pop_back();
  }

  // As far as the path leads in lines: the deepest block, and how many keys that took.
  std::pair<Block, size_t> find(const KeyPath& path) const {
    Block at{0, lines_.size(), 0};
    size_t depth = 0;
    for (; depth < path.size(); ++depth) {
      const auto inner = child(at, depth == 0, path[depth]);
      if (!inner) break;
      at = *inner;
    }
    return {at, depth};
  }

  void replace(const Block& block, const std::string& key, const Value& value) {
    std::vector<std::string> fresh = written(key, value, block.indent);
    const std::string& old = lines_[block.begin];
    // A comment behind a scalar stays behind it.
    const size_t comment = old.find(" #", old.find(':'));
    const bool quoted = old.find_first_of("'\"", old.find(':')) < comment;
    if (fresh.size() == 1 && block.end - block.begin == 1 && comment != std::string::npos && !quoted) {
      fresh[0].append(old.substr(old.find_last_not_of(' ', comment) + 1));
    }
    erase(block);
    insert(block.begin, fresh);
  }

  // Behind the last line of the block.
  void append(const Block& block, bool top, const std::string& key, const Value& value) {
    const auto first = first_content(block, top);
    const size_t indent = top ? 0 : first ? indent_of(lines_[*first]) : block.indent + 2;
    if (!top && !first) {
      // "key: {}" or "key:" becomes a block.
      std::string& head = lines_[block.begin];
      head = head.substr(0, head.find(':', block.indent) + 1);
    }
    size_t at = block.end;
    if (top) {
      while (at > 0 && text::trim(lines_[at - 1]).empty()) --at;
    }
    insert(at, written(key, value, indent));
  }

  void erase(const Block& block) {
    lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(block.begin),
                 lines_.begin() + static_cast<std::ptrdiff_t>(block.end));
  }

  std::string text() const { return lines_.empty() ? "" : text::join(lines_, "\n") + "\n"; }

 private:
  static size_t indent_of(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }
  static bool is_content(const std::string& line) {
    const size_t start = line.find_first_not_of(" \t\r");
    return start != std::string::npos && line[start] != '#' && line != "---";
  }
  static bool is_item(const std::string& line, size_t indent) {
    return line.substr(indent) == "-" || line.substr(indent, 2) == "- ";
  }
  static bool has_key(const std::string& line, size_t indent, const std::string& key) {
    for (const std::string& form : {key, "'" + key + "'", "\"" + key + "\""}) {
      const std::string_view rest = std::string_view(line).substr(indent);
      if (!rest.starts_with(form)) continue;
      const std::string_view behind = rest.substr(form.size());
      if (behind == ":" || behind.starts_with(": ")) return true;
    }
    return false;
  }

  std::optional<size_t> first_content(const Block& parent, bool top) const {
    for (size_t i = parent.begin + (top ? 0 : 1); i < parent.end; ++i) {
      if (is_content(lines_[i])) return i;
    }
    return std::nullopt;
  }

  std::optional<Block> child(const Block& parent, bool top, const std::string& key) const {
    const auto first = first_content(parent, top);
    if (!first) return std::nullopt;
    const size_t indent = indent_of(lines_[*first]);
    if (!top && indent <= parent.indent) return std::nullopt;
    for (size_t i = *first; i < parent.end; ++i) {
      if (!is_content(lines_[i]) || indent_of(lines_[i]) != indent || !has_key(lines_[i], indent, key)) continue;
      return Block{i, end_of(i, indent, parent.end), indent};
    }
    return std::nullopt;
  }

  // Comments and blank lines before the next key belong to that one.
  size_t end_of(size_t begin, size_t indent, size_t limit) const {
    size_t end = begin + 1;
    for (size_t i = begin + 1; i < limit; ++i) {
      if (!is_content(lines_[i])) continue;
      const size_t here = indent_of(lines_[i]);
      if (here < indent || (here == indent && !is_item(lines_[i], here))) break;
      end = i + 1;
    }
    return end;
  }

  static std::vector<std::string> written(const std::string& key, const Value& value, size_t indent) {
    Value single = Value::map();
    single.set(key, value);
    std::vector<std::string> out = text::split(write_yaml(single), '\n');
    while (!out.empty() && out.back().empty()) out.pop_back();
    for (std::string& line : out) line.insert(0, indent, ' ');
    return out;
  }

  void insert(size_t at, const std::vector<std::string>& fresh) {
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at), fresh.begin(), fresh.end());
  }

  std::vector<std::string> lines_;
};

Value* step(Value& at, const std::string& key) {
  if (at.is_map()) return at.find(key);
  if (!at.is_list()) return nullptr;
  const auto number = number_in(key, at.items().size());
  return number ? &at.items()[*number] : nullptr;
}

const Value* value_at(const Value& root, const KeyPath& path, size_t depth) {
  const Value* at = &root;
  for (size_t i = 0; i < depth && at != nullptr; ++i) at = step(const_cast<Value&>(*at), path[i]);  // NOLINT: looked at
  return at;
}

// A damaged edit is worse than a lost comment.
std::string checked(const Editor& editor, const Value& wanted, std::string_view name) {
  const std::string out = editor.text();
  try {
    if (parse_yaml(out, name) == wanted) return out;
  } catch (const Error&) {
    // The lines were not what they seemed; write it all.
  }
  return write_yaml(wanted);
}

}  // namespace

void set_at(Value& root, const KeyPath& path, const Value& value) {
  Value* at = &root;
  for (size_t i = 0; i < path.size(); ++i) {
    Value* inner = step(*at, path[i]);
    if (inner == nullptr) {
      if (at->is_null()) *at = Value::map();
      if (!at->is_map()) throw invalid_argument("'", text::join(path, "."), "' leads through a value that has no keys");
      at->members().push_back({path[i], Value::map(), false});
      inner = &at->members().back().value;
    }
    at = inner;
  }
  *at = value;
}

bool erase_at(Value& root, const KeyPath& path) {
  Value* at = &root;
  for (size_t i = 0; i + 1 < path.size() && at != nullptr; ++i) at = step(*at, path[i]);
  if (at == nullptr || step(*at, path.back()) == nullptr) return false;
  if (at->is_map()) {
    at->erase(path.back());
  } else {
    at->items().erase(at->items().begin() + static_cast<std::ptrdiff_t>(*number_in(path.back(), at->items().size())));
  }
  return true;
}

std::string set_in_yaml(std::string_view text, std::string_view name, const KeyPath& path, const Value& value) {
  const Value before = parse_yaml(text, name);
  const Value* known = value_at(before, path, path.size());
  if (known != nullptr && known->kind() == value.kind() && *known == value) return std::string(text);
  Value wanted = before;
  set_at(wanted, path, value);
  Editor editor(text);
  const auto [block, depth] = editor.find(path);
  if (depth == path.size()) {
    editor.replace(block, path.back(), value);
  } else {
    const Value* inner = value_at(wanted, path, depth + 1);
    const Value* outer = value_at(before, path, depth);
    const bool open = outer == nullptr || outer->is_null() || outer->is_map();
    if (inner == nullptr || !open) return write_yaml(wanted);
    editor.append(block, depth == 0, path[depth], *inner);
  }
  return checked(editor, wanted, name);
}

std::string erase_in_yaml(std::string_view text, std::string_view name, const KeyPath& path) {
  Value wanted = parse_yaml(text, name);
  if (!erase_at(wanted, path)) return std::string(text);
  Editor editor(text);
  const auto [block, depth] = editor.find(path);
  if (depth < path.size()) return write_yaml(wanted);
  editor.erase(block);
  return checked(editor, wanted, name);
}

}  // namespace slipway::data
