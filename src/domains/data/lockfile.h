// dvc.lock: what each stage of a dvc.yaml last ran with and gave. Also the form of run-cache entries.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/file_source.h"
#include "domains/data/stage.h"

namespace slipway::data {

// The entry of a stage as DVC writes it: cmd, deps, params, outs, sorted.
Value lock_entry(const Stage& stage);
// Fills what is recorded into a stage read from dvc.yaml.
void apply_lock_entry(const Value& entry, Stage& stage);

class LockFile {
 public:
  // An absent file is empty. Throws invalid_argument with the path when it is damaged.
  static LockFile load(const std::string& path, const FileSource& source = disk());
  static LockFile parse(std::string_view text, const std::string& path);

  // nullptr when the stage never ran.
  const Value* find(std::string_view stage) const;
  // Existing entries keep their place. New ones go to the end, but before those in `after_it` that were new as well.
  void set(const std::string& stage, Value entry, const std::vector<std::string>& after_it = {});
  bool erase(std::string_view stage);
  std::vector<std::string> stages() const;
  std::string write();
  bool exists() const { return exists_; }
  // Writes the file when it changed; true when it did. Each entry is put into words once, so that saving after every
  // stage of a long pipeline stays cheap. `durable`: on the disk when this returns, not only safe from a crash of ours.
  bool save(bool durable = true);

 private:
  std::string path_;
  Value content_ = Value::map();
  std::map<std::string, std::string, std::less<>> written_;  // of entries that are in words already
  bool changed_ = false;
  bool exists_ = false;
};

}  // namespace slipway::data
