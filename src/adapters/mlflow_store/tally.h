// How many things of each kind there are in the old store, what became of them, and how many of them the new store was
// seen to hold afterwards. Filled by move_store and shown by the commands `import` and `export`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::mlflow_store {

enum class Kind {
  kExperiments,
  kExperimentTags,
  kRuns,
  kParams,
  kTags,
  kMetricPoints,
  kMetrics,
  kDatasetInputs,
  kInputTags,
  kModelLinks,
  kLoggedModels,
  kLoggedModelParams,
  kLoggedModelTags,
  kLoggedModelMetrics,
  kRegisteredModels,
  kRegisteredModelTags,
  kAliases,
  kVersions,
  kVersionTags,
  kTraces,
  kTraceTags,
  kTraceMetadata,
  kSpans,
  kAssessments,
  kTraceLinks,
  kEvaluationDatasets,
  kEvaluationDatasetTags,
  kEvaluationDatasetLinks,
  kEvaluationRecords,
  kScorers,
  kScorerVersions,
  kOnlineScorings,
  kIssues,
  kArtifacts,
};
inline constexpr size_t kKinds = 34;
// "metric points"
std::string_view name_of(Kind kind);

struct TallyRow {
  int64_t in_source = 0;  // counted there, apart from the moving
  int64_t moved = 0;
  int64_t already = 0;    // was there with the same content
  int64_t skipped = 0;    // is there with other content, or could not be taken; see Report::problems
  int64_t in_target = 0;  // counted there after it was written
  bool is_complete() const { return in_source == in_target; }
};

class Tally {
 public:
  TallyRow& operator[](Kind kind) { return rows_[static_cast<size_t>(kind)]; }
  const TallyRow& operator[](Kind kind) const { return rows_[static_cast<size_t>(kind)]; }

 private:
  std::array<TallyRow, kKinds> rows_{};
};

// Something that the new store has no place for, or that stays where it is.
struct LeftOut {
  std::string what;
  int64_t count = 0;
};

struct Report {
  Tally tally;
  std::vector<LeftOut> left_out;
  std::vector<std::string> problems;  // at most kMaxProblems of them, in words
  int64_t problem_count = 0;
  std::vector<std::string> notes;  // what was renamed, where files stay
  uint64_t artifact_bytes = 0;     // moved

  static constexpr size_t kMaxProblems = 100;
  void add_problem(std::string text);
  // Whether everything of every kind was seen in the new store.
  bool is_complete() const;
};

}  // namespace slipway::mlflow_store
