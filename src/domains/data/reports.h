// Metrics and parameters of the workspace and of commits, and how two of them differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

enum class ReportKind { kMetrics, kParameters };

struct ReportOptions {
  std::vector<std::string> targets;  // files, seen from where the user is; empty: what stages and dvc.yaml name
  std::string seen_from;             // where the names of files start; empty: where the user is
  bool only_dependencies = false;    // parameters that a stage depends on, not whole files besides
  bool all_branches = false;
  bool all_tags = false;
  bool all_commits = false;
};

// What one revision says: by file a map with "data", or with "error" (its "type" and "msg").
struct Report {
  std::string revision;  // "workspace", names of branches and tags, or commits; empty when nothing else was asked for
  Value files = Value::map();
  std::optional<std::string> error;  // the revision could not be read at all
  bool failed() const;
};

// The workspace and the revisions asked for. The workspace is left out when it says the same as the branch that is
// checked out.
std::vector<Report> show_reports(Repository& repository, ReportKind kind, const ReportOptions& options);
// Of one revision, or of "workspace". Throws not_found when there is no such revision.
Report read_report(Repository& repository, ReportKind kind, const std::string& revision, const ReportOptions& options);

// By file and dotted key a map of "old", "new" and for numbers "diff".
Value compare_reports(const Report& before, const Report& after, bool with_unchanged);
// Maps inside maps as one map of dotted keys.
Value flattened(const Value& value);
// Whether the repository has a first commit.
bool has_commits(Repository& repository);

}  // namespace slipway::data
