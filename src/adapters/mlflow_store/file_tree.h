// Reading the folders of an MLflow file store (`mlruns`): meta files, one file per param and tag, lines of metrics.
// They come from outside, so sizes are limited and nothing is followed out of the folder. Used by FileSource.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mlflow_store/local_roots.h"
#include "domains/tracking/metric_store.h"

namespace slipway::mlflow_store {

// The members of a meta file that are plain values, as texts; null and absent are alike.
class Meta {
 public:
  // Throws invalid_argument when it is no YAML map.
  static Meta parse(std::string_view text);

  std::string text(const std::string& key) const;
  std::optional<std::string> find(const std::string& key) const;
  std::optional<int64_t> number(const std::string& key) const;
  bool has(const std::string& key) const { return texts_.contains(key); }
  // The members of a member that is a map ("tags").
  std::vector<tracking::Tag> pairs(const std::string& key) const;

 private:
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::vector<tracking::Tag>> maps_;
};

// "1700000000000 0.5 3", the step may be absent; lines of logged models go on with a run and perhaps a dataset.
struct MetricLine {
  tracking::StoredPoint point;
  std::string_view run;
  std::string_view dataset_name;
  std::string_view dataset_digest;
};
// Nothing for a line that is none.
std::optional<MetricLine> parse_metric_line(std::string_view line);

class FileTree {
 public:
  explicit FileTree(const std::string& folder) : root_(folder) {}

  // Names of the folders (without links) in `path`, sorted.
  std::vector<std::string> folders(const std::string& path) const;
  bool has_file(const std::string& path) const;
  // Nothing when it is not there. Throws invalid_argument for one that is larger than `most` or no UTF-8.
  std::optional<std::string> read(const std::string& path, uint64_t most) const;
  std::optional<Meta> meta(const std::string& path) const;
  // One file for each key; keys with slashes lie in folders. Unreadable ones are told.
  std::vector<tracking::Tag> pairs(const std::string& path) const;
  // Paths of all files below `path`, without it.
  std::vector<std::string> files(const std::string& path) const;
  void lines(const std::string& path, const std::function<void(std::string_view)>& on_line) const;

 private:
  blobs::RootedFolder root_;
};

}  // namespace slipway::mlflow_store
