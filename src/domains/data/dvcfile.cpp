#include "domains/data/dvcfile.h"

#include <algorithm>

#include "domains/data/paths.h"
#include "domains/data/yaml.h"
#include "domains/data/yaml_fault.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway::data {

namespace {

bool flag(const Value& from, std::string_view key, bool otherwise) {
  const Value* found = from.find(key);
  if (found == nullptr) return otherwise;
  if (found->kind() != Value::Kind::kBool) throw invalid_argument("'", key, "' must be true or false");
  return found->as_bool();
}

std::string word(const Value& from, std::string_view key) {
  const Value* found = from.find(key);
  return found == nullptr || found->is_null() ? "" : plain_text(*found);
}

const std::vector<Value>& list_of(const Value& from, std::string_view key) {
  static const std::vector<Value> none;
  const Value* found = from.find(key);
  if (found == nullptr || found->is_null()) return none;
  if (!found->is_list()) throw invalid_argument("'", key, "' must be a list");
  return found->items();
}

Output output_of(const Value& entry, const std::string& folder) {
  if (!entry.is_map()) throw invalid_argument("an entry of 'outs' must have a path");
  Output out;
  out.path = word(entry, "path");
  if (out.path.empty()) throw invalid_argument("an entry of 'outs' must have a path");
  out.absolute = paths::join(folder, out.path);
  out.cache = flag(entry, "cache", true);
  out.persist = flag(entry, "persist", false);
  out.push = flag(entry, "push", true);
  const Value* metric = entry.find("metric");
  const Value* plot = entry.find("plot");
  out.metric = metric != nullptr && (metric->is_map() || metric->as_bool());
  out.plot = plot != nullptr && (plot->is_map() || plot->as_bool());
  out.remote = word(entry, "remote");
  out.record = Record::from(entry);
  return out;
}

template <size_t kCount>
void check_keys(const Value& content, const std::string_view (&known)[kCount], const KeyPath& where) {
  for (const Member& member : content.members()) {
    if (std::find(std::begin(known), std::end(known), member.key) != std::end(known)) continue;
    KeyPath place = where;
    place.push_back(member.key);
    throw YamlFault(place, "extra keys not allowed");
  }
}

constexpr std::string_view kStageKeys[] = {"md5",    "cmd",    "wdir", "deps",           "outs",
                                           "locked", "frozen", "meta", "always_changed", "desc"};
constexpr std::string_view kOutputKeys[] = {
    "md5",  "etag", "checksum", "size", "nfiles", "isexec",  "version_id", "hash", "path", "cloud",  "files",
    "desc", "type", "labels",   "meta", "cache",  "persist", "remote",     "push", "plot", "metric", "fs_config"};

Stage stage_of(const Value& content, const std::string& path) {
  if (!content.is_map()) throw invalid_argument("expected keys and values");
  check_keys(content, kStageKeys, {});
  Stage out;
  out.file = path;
  const std::string folder = word(content, "wdir");
  out.folder = paths::join(paths::parent(path), folder.empty() ? "." : folder);
  if (const Value* command = content.find("cmd")) out.command = *command;
  out.frozen = flag(content, "frozen", flag(content, "locked", false));
  out.always_changed = flag(content, "always_changed", false);
  out.description = word(content, "desc");
  for (const Value& entry : list_of(content, "deps")) {
    Dependency dep;
    dep.path = word(entry, "path");
    dep.outside = entry.find("repo") != nullptr || dep.path.find("://") != std::string::npos;
    if (!dep.outside) dep.absolute = paths::join(out.folder, dep.path);
    check_plain(entry);
    if (!dep.outside) dep.record = Record::from(entry);
    out.deps.push_back(std::move(dep));
  }
  for (const Value& entry : list_of(content, "outs")) {
    check_keys(entry, kOutputKeys, {"outs", std::to_string(out.outs.size())});
    out.outs.push_back(output_of(entry, out.folder));
  }
  out.source = content;
  return out;
}

// Sets what the new entry has and drops the fields of a record that it no longer has; other keys keep their place.
void update_entry(const Value& now, Value& entry) {
  for (const std::string_view key : {"md5", "size", "nfiles", "isexec", "hash", "files"}) {
    if (now.find(key) == nullptr) entry.erase(key);
  }
  for (const Member& member : now.members()) entry.set(member.key, member.value);
}

Value entry_of(const Output& out) {
  Value entry = Value::map();
  append_record(out.record, entry);
  entry.set("path", Value::string(out.path));
  if (!out.cache) entry.set("cache", Value::boolean(false));
  return entry;
}

// The hash over an import's own description, which DVC keeps in the file.
std::string stage_hash(const Value& content) {
  Value body = without_keys(
      content, {"labels", "type", "locked", "frozen", "metric", "persist", "isexec", "size", "nfiles", "desc", "meta"});
  body.erase("md5");
  if (const Value* folder = body.find("wdir"); folder != nullptr && folder->text() == ".") body.erase("wdir");
  return hash_hex(HashKind::kMd5, python_json(body));
}

Value content_of(const Stage& stage) {
  Value content = stage.source.is_map() ? stage.source : Value::map();
  Value* outs = content.find("outs");
  if (outs == nullptr || !outs->is_list()) {
    content.set("outs", Value::list());
    outs = content.find("outs");
  }
  for (size_t i = 0; i < stage.outs.size(); ++i) {
    const Value now = entry_of(stage.outs[i]);
    if (i < outs->items().size()) {
      update_entry(now, outs->items()[i]);
    } else {
      outs->push(now);
    }
  }
  // An import whose source nobody has looked at yet has none.
  const bool has_hash = stage.is_import() ? content.find("md5") != nullptr : !stage.is_data();
  if (has_hash) content.set("md5", Value::string(stage_hash(content)));
  return content;
}

bool has_comment(std::string_view text) {
  return text.starts_with('#') || text.find("\n#") != std::string_view::npos ||
         text.find(" #") != std::string_view::npos;
}

// Changes scalars in the lines of the text itself, each at its own key, so that comments stay where they are. Gives the
// text unchanged in what it does not understand; the caller compares.
std::string patch_lines(std::string_view text, const Value& old_outs, const Value& new_outs) {
  std::vector<std::string> lines = text::split(text, '\n');
  size_t item = 0;
  bool in_outs = false;
  bool any_item = false;
  for (std::string& line : lines) {
    if (!line.empty() && line[0] != ' ' && line[0] != '-' && line[0] != '#') in_outs = line.starts_with("outs:");
    if (!in_outs) continue;
    const size_t start = line.find_first_not_of(' ');
    if (start == std::string::npos || line[start] == '#') continue;
    size_t key_at = start;
    if (line[start] == '-') {
      if (any_item) ++item;
      any_item = true;
      key_at = line.find_first_not_of(' ', start + 1);
    }
    const size_t colon = line.find(": ", key_at == std::string::npos ? 0 : key_at);
    if (key_at == std::string::npos || colon == std::string::npos || item >= new_outs.items().size()) continue;
    const std::string key = line.substr(key_at, colon - key_at);
    const Value* before = old_outs.items()[item].find(key);
    const Value* after = new_outs.items()[item].find(key);
    if (before == nullptr || after == nullptr || after->is_collection() || *before == *after) continue;
    const size_t comment = line.find(" #", colon);
    const std::string tail = comment == std::string::npos ? "" : line.substr(line.find_last_not_of(' ', comment) + 1);
    Value single = Value::map();
    single.set(key, *after);
    const std::string written = write_yaml(single);
    line = text::concat(line.substr(0, key_at), written.substr(0, written.size() - 1), tail);
  }
  return text::join(lines, "\n");
}

}  // namespace

void append_record(const Record& record, Value& entry) {
  if (!record.hash.empty()) entry.set("md5", Value::string(record.hash));
  if (record.size) entry.set("size", Value::digits(std::to_string(*record.size)));
  if (record.file_count) entry.set("nfiles", Value::digits(std::to_string(*record.file_count)));
  if (record.executable) entry.set("isexec", Value::boolean(true));
  if (!record.legacy) entry.set("hash", Value::string("md5"));
}

Stage parse_dvc_file(std::string_view text, const std::string& path) {
  try {
    Stage out = stage_of(parse_yaml(text, path), path);
    out.source_text = text;
    return out;
  } catch (const YamlFault& fault) {
    throw fault.told(text, path);
  } catch (const Error& error) {
    const std::string_view message = error.what();
    if (message.find(path) != std::string_view::npos) throw;
    if (error.code() == ErrorCode::kUnimplemented) throw Error(error.code(), text::concat("'", path, "': ", message));
    throw invalid_argument("'", path, "' is invalid: ", message);
  }
}

Stage read_dvc_file(const std::string& path) { return parse_dvc_file(files::read(path), path); }

std::string dvc_file_text(const Stage& stage) {
  const Value content = content_of(stage);
  if (stage.source.is_map() && content == stage.source && !stage.source_text.empty()) return stage.source_text;
  const Value* old_outs = stage.source.find("outs");
  if (has_comment(stage.source_text) && old_outs != nullptr && old_outs->is_list() &&
      old_outs->items().size() == content.find("outs")->items().size()) {
    std::string patched = patch_lines(stage.source_text, *old_outs, *content.find("outs"));
    if (parse_yaml(patched, stage.file) == content) return patched;
  }
  return write_yaml(content);
}

void write_dvc_file(const Stage& stage) {
  const std::string text = dvc_file_text(stage);
  if (text != stage.source_text || !files::exists(stage.file)) files::write_atomic(stage.file, text);
}

}  // namespace slipway::data
