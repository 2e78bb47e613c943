#include "domains/data/lockfile.h"

#include <unistd.h>

#include <algorithm>

#include "domains/data/scratch.h"
#include "domains/data/yaml.h"
#include "domains/data/yaml_fault.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

template <typename Item>
std::vector<const Item*> sorted_by_path(const std::vector<Item>& items) {
  std::vector<const Item*> out;
  for (const Item& item : items) out.push_back(&item);
  std::stable_sort(out.begin(), out.end(), [](const Item* a, const Item* b) { return a->path < b->path; });
  return out;
}

Value entry_of(const std::string& path, const Record& record) {
  Value out = Value::map();
  out.set("path", Value::string(path));
  if (!record.legacy) out.set("hash", Value::string("md5"));
  if (!record.hash.empty()) out.set("md5", Value::string(record.hash));
  if (record.size) out.set("size", Value::digits(std::to_string(*record.size)));
  if (record.file_count) out.set("nfiles", Value::digits(std::to_string(*record.file_count)));
  if (record.executable) out.set("isexec", Value::boolean(true));
  return out;
}

// The default file first, then by name; keys sorted, deeper levels as they are.
Value params_of(const Stage& stage) {
  Value out = Value::map();
  auto files = sorted_by_path(stage.params);
  std::stable_partition(files.begin(), files.end(), [](const auto* file) { return file->path == "params.yaml"; });
  for (const ParamsDependency* file : files) {
    if (!file->recorded) continue;
    Value values = *file->recorded;
    std::sort(values.members().begin(), values.members().end(),
              [](const Member& a, const Member& b) { return a.key < b.key; });
    out.set(file->path, std::move(values));
  }
  return out;
}

const Value* entry_with_path(const Value* list, std::string_view path) {
  if (list == nullptr) return nullptr;
  for (const Value& item : list->items()) {
    const Value* found = item.find("path");
    if (found != nullptr && found->text() == path) return &item;
  }
  return nullptr;
}

// Those that no longer belong to the stage too: they are all written again.
void check_entries(const Value& entry) {
  for (const std::string_view key : {"deps", "outs"}) {
    const Value* list = entry.find(key);
    if (list == nullptr) continue;
    for (const Value& item : list->items()) check_plain(item);
  }
}

}  // namespace

Value lock_entry(const Stage& stage) {
  Value out = Value::map();
  out.set("cmd", stage.command);
  Value deps = Value::list();
  for (const Dependency* dep : sorted_by_path(stage.deps)) {
    deps.push(dep->recorded.is_map() ? dep->recorded : entry_of(dep->path, dep->record));
  }
  Value outs = Value::list();
  for (const Output* output : sorted_by_path(stage.outs)) outs.push(entry_of(output->path, output->record));
  Value params = params_of(stage);
  if (!deps.empty()) out.set("deps", std::move(deps));
  if (!params.empty()) out.set("params", std::move(params));
  if (!outs.empty()) out.set("outs", std::move(outs));
  return out;
}

void apply_lock_entry(const Value& entry, Stage& stage) {
  check_entries(entry);
  const Value* command = entry.find("cmd");
  stage.command_changed = command == nullptr || !(*command == stage.command);
  for (Dependency& dep : stage.deps) {
    const Value* found = entry_with_path(entry.find("deps"), dep.path);
    if (found == nullptr) continue;
    if (dep.outside) {
      dep.recorded = *found;
    } else {
      dep.record = Record::from(*found);
    }
  }
  for (Output& out : stage.outs) {
    if (const Value* found = entry_with_path(entry.find("outs"), out.path)) out.record = Record::from(*found);
  }
  const Value* params = entry.find("params");
  for (ParamsDependency& file : stage.params) {
    const Value* values = params == nullptr ? nullptr : params->find(file.path);
    if (values == nullptr || !values->is_map()) continue;
    file.recorded = Value::map();
    for (const Member& member : values->members()) {
      const bool wanted =
          file.keys.empty() || std::find(file.keys.begin(), file.keys.end(), member.key) != file.keys.end();
      if (wanted) file.recorded->members().push_back(member);
    }
  }
}

LockFile LockFile::load(const std::string& path, const FileSource& source) {
  const auto text = source.find(path);
  if (!text) {
    LockFile out;
    out.path_ = path;
    return out;
  }
  LockFile out = parse(*text, path);
  out.exists_ = true;
  return out;
}

namespace {

// Keys that nobody knows would be lost when an entry is written again.
void check_keys(const Value& map, std::initializer_list<std::string_view> known, const KeyPath& where) {
  for (const Member& member : map.members()) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    KeyPath place = where;
    place.push_back(member.key);
    throw YamlFault(place, "extra keys not allowed");
  }
}

void check_content(const Value& content) {
  const Value* schema = content.find("schema");
  if (schema == nullptr || schema->text() != "2.0") {
    throw YamlFault({"schema"}, "its schema must be '2.0'; let a current DVC rewrite it once");
  }
  check_keys(content, {"schema", "stages", "datasets"}, {});
  const Value* stages = content.find("stages");
  if (stages == nullptr || stages->is_null()) return;
  if (!stages->is_map()) throw YamlFault({"stages"}, "it must hold keys and values");
  for (const Member& stage : stages->members()) {
    if (!stage.value.is_map()) throw YamlFault({"stages", stage.key}, "the stage has no content");
    check_keys(stage.value, {"cmd", "deps", "params", "outs"}, {"stages", stage.key});
  }
}

}  // namespace

LockFile LockFile::parse(std::string_view text, const std::string& path) {
  LockFile out;
  out.path_ = path;
  out.content_ = parse_yaml(text, path);
  if (out.content_.empty()) return out;
  try {
    check_content(out.content_);
  } catch (const YamlFault& fault) {
    throw fault.told(text, path);
  }
  return out;
}

const Value* LockFile::find(std::string_view stage) const {
  const Value* stages = content_.find("stages");
  return stages == nullptr ? nullptr : stages->find(stage);
}

void LockFile::set(const std::string& stage, Value entry, const std::vector<std::string>& after_it) {
  if (content_.empty()) content_.set("schema", Value::string("2.0"));
  Value* stages = content_.find("stages");
  if (stages == nullptr || !stages->is_map()) {
    content_.set("stages", Value::map());
    stages = content_.find("stages");
  }
  auto& members = stages->members();
  Value* known = stages->find(stage);
  // Written in another style but with the same content: the user's text stays.
  if (known != nullptr && *known == entry) return;
  changed_ = true;
  written_.erase(stage);
  if (known != nullptr) {
    *known = std::move(entry);
    return;
  }
  auto at = members.end();
  while (at != members.begin() && std::find(after_it.begin(), after_it.end(), (at - 1)->key) != after_it.end()) --at;
  members.insert(at, {stage, std::move(entry), false});
}

bool LockFile::erase(std::string_view stage) {
  Value* stages = content_.find("stages");
  if (stages == nullptr || stages->find(stage) == nullptr) return false;
  stages->erase(stage);
  return changed_ = true;
}

std::vector<std::string> LockFile::stages() const {
  std::vector<std::string> out;
  const Value* stages = content_.find("stages");
  if (stages == nullptr) return out;
  for (const Member& member : stages->members()) out.push_back(member.key);
  return out;
}

std::string LockFile::write() {
  std::string out;
  for (const Member& member : content_.members()) {
    if (member.key != "stages" || !member.value.is_map() || member.value.empty()) {
      Value single = Value::map();
      single.set(member.key, member.value);
      out.append(write_yaml(single));
      continue;
    }
    out.append("stages:\n");
    for (const Member& stage : member.value.members()) {
      std::string& words = written_[stage.key];
      if (words.empty()) {
        // Written where it stands in the file, as the folding of long lines depends on the column.
        Value inner = Value::map();
        inner.members().push_back(stage);
        Value outer = Value::map();
        outer.set("stages", std::move(inner));
        words = write_yaml(outer).substr(std::string_view("stages:\n").size());
      }
      out.append(words);
    }
  }
  return out;
}

bool LockFile::save(bool durable) {
  if (stages().empty() && content_.find("datasets") == nullptr) {
    if (exists_) ::unlink(path_.c_str());
    return std::exchange(exists_, false);
  }
  if (exists_ && !changed_) return false;
  const std::string text = write();
  if (durable) {
    files::write_atomic(path_, text);
  } else if (!replace_scratch(path_, text)) {
    throw system_error(text::concat("write ", path_));
  }
  changed_ = false;
  exists_ = true;
  return true;
}

}  // namespace slipway::data
