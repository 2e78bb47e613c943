// The files of a new project around one table: from the raw data to a model that is served, watched and retrained. Pure
// functions from what is known of the table to the files' texts; `slipway new` writes them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace slipway::cli {

struct ProjectPlan {
  std::string name;  // of the project, its model, monitor and pipeline
  std::string raw;   // the data, below the project's folder: data/raw.csv
  bool is_parquet = false;
  std::string target;
  std::string positive;               // the text that counts as 1; "" when the column holds 0 and 1
  std::string time_column;            // "" for none: then every fifth row is held out, else the latest fifth
  std::vector<std::string> left_out;  // columns that say nothing about other rows: ids, free text, times
  std::string row_id = "row_id";      // names that are free in the table
  std::string arrival = "arrived_at";
  std::string example_row;  // a JSON object, one row without the target
};

// Paths below the project's folder, and contents.
std::vector<std::pair<std::string, std::string>> project_files(const ProjectPlan& plan);
// What to type next, as printed and as in the project's README.md.
std::string next_steps(const ProjectPlan& plan);

}  // namespace slipway::cli
