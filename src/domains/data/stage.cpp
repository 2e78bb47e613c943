#include "domains/data/stage.h"

#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

std::optional<uint64_t> number_of(const Value& entry, std::string_view key) {
  const Value* found = entry.find(key);
  if (found == nullptr || found->kind() != Value::Kind::kInt) return std::nullopt;
  const auto number = text::parse_int(found->text());
  if (!number || *number < 0) throw invalid_argument("'", key, "' must be a count, not ", found->text());
  return static_cast<uint64_t>(*number);
}

}  // namespace

Record Record::of(const Fingerprint& found) {
  Record out;
  out.hash = found.hash;
  out.size = found.size;
  out.file_count = found.file_count;
  out.executable = found.executable;
  return out;
}

void check_plain(const Value& entry) {
  for (const std::string_view key : {"cloud", "files", "version_id"}) {
    const Value* found = entry.find(key);
    if (found == nullptr || found->is_null()) continue;
    const Value* path = entry.find("path");
    throw Error(ErrorCode::kUnimplemented,
                text::concat("the entry of '", path == nullptr ? "" : plain_text(*path), "' has '", key,
                             "': its files lie on a cloud-versioned remote (version_aware or worktree), which Slipway "
                             "does not support. Nothing was changed. Work on this data with dvc, or record it on a "
                             "plain remote with dvc first"));
  }
}

Record Record::from(const Value& entry) {
  check_plain(entry);
  Record out;
  if (const Value* md5 = entry.find("md5"); md5 != nullptr && !md5->is_null()) {
    // A hash of digits only, or digits around an e, reads as a number; the text is what counts.
    out.hash = plain_text(*md5);
    if (!is_object_hash(out.hash)) throw invalid_argument("'md5' must be 32 hexadecimal digits, not '", out.hash, "'");
  }
  out.size = number_of(entry, "size");
  out.file_count = number_of(entry, "nfiles");
  const Value* executable = entry.find("isexec");
  out.executable = executable != nullptr && executable->as_bool();
  out.legacy = entry.find("hash") == nullptr;
  return out;
}

bool Stage::is_repository_import() const {
  const Value* listed = is_import() ? source.find("deps") : nullptr;
  return listed != nullptr && !listed->items().empty() && listed->items().front().find("repo") != nullptr;
}

std::vector<std::string> Stage::commands() const {
  if (command.is_null()) return {};
  std::vector<std::string> out;
  if (command.is_list()) {
    for (const Value& item : command.items()) out.push_back(plain_text(item));
    return out;
  }
  for (const std::string& line : text::split(command.text(), '\n')) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

std::string Stage::address(const std::string& from) const {
  std::string path = paths::relative(file, from);
  if (name.empty()) return path;
  return path == "dvc.yaml" ? name : text::concat(path, ":", name);
}

std::string shown_path(const std::string& absolute, const std::string& root, const std::string& from) {
  if (!paths::inside(absolute, root)) return absolute;
  return paths::relative(absolute, paths::inside(from, root) ? from : root);
}

}  // namespace slipway::data
