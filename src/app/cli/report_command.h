// What `metrics` and `params` share: comparing two revisions, and tables as dvc prints them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/data_command.h"
#include "domains/data/reports.h"

namespace slipway::cli {

struct ReportFlags {
  DataFlags data;
  data::ReportOptions options;
  std::string before = "HEAD";
  std::string after = "workspace";
  bool with_unchanged = false;
  bool json = false;
  bool markdown = false;
  bool no_path = false;
  bool recursive = false;  // accepted as dvc does; folders are searched anyway
  int precision = 5;
};

void declare_show(CLI::App& parser, ReportFlags& flags);
void declare_diff(CLI::App& parser, ReportFlags& flags, data::ReportKind kind);
int run_show(const ReportFlags& flags, data::ReportKind kind);
int run_diff(const ReportFlags& flags, data::ReportKind kind);

// Columns two blanks apart, or as Markdown has it.
void print_report_table(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                        bool markdown);
// A value in a cell; floats rounded to so many digits behind the point.
std::string cell_of(const data::Value& value, std::optional<int> precision);

}  // namespace slipway::cli
