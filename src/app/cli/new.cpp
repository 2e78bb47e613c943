#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>

#include "app/cli/all.h"
#include "app/cli/delimiter_flag.h"
#include "app/cli/project_template.h"
#include "domains/monitoring/column_sample.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

namespace fs = std::filesystem;
using tables::Column;
using tables::ColumnType;

constexpr size_t kFewestRows = 100;

struct NewFlags {
  std::string name;
  std::string kind = "classification";
  std::string data;
  std::string target;
  std::string positive;
  std::string time_column;
  std::optional<char> delimiter;
};

void check_name(const std::string& name) {
  const std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  if (name.empty() || name.size() > 80 || name.find_first_not_of(allowed) != std::string::npos) {
    throw invalid_argument("a project's name has 1 to 80 letters, digits, '-' or '_', got '", name, "'");
  }
  if (fs::exists(name) && !(fs::is_directory(name) && fs::is_empty(name))) {
    throw Error(ErrorCode::kAlreadyExists,
                text::concat("there is something at ", name, " already; choose another name"));
  }
}

// The distinct values of the target, as text; enough of them to see that they are too many.
std::set<std::string> values_of(const Column& column) {
  std::set<std::string> out;
  for (size_t row = 0; row < column.size() && out.size() < 6; ++row) {
    if (!column.is_missing(row)) out.insert(column.display(row));
  }
  return out;
}

void check_target(const Column& column, const std::string& positive) {
  const std::set<std::string> values = values_of(column);
  const std::string shown = text::join({values.begin(), values.end()}, ", ");
  if (values.size() != 2) {
    throw invalid_argument("column '", column.name(), "' has ", values.size() < 6 ? "" : "over ",
                           std::min<size_t>(values.size(), 5), " values (", shown,
                           "); the template classification takes a target of two");
  }
  const bool ready = column.type() == ColumnType::kBoolean || values == std::set<std::string>{"0", "1"};
  if (positive.empty() && !ready) {
    throw invalid_argument("column '", column.name(), "' holds ", shown,
                           "; say with --positive which one the model looks for");
  }
  if (!positive.empty() && !values.contains(positive)) {
    throw invalid_argument("column '", column.name(), "' holds ", shown, ", not '", positive, "'");
  }
}

// Whether a column tells one row from another: an id, free text or a time.
bool names_its_row(const Column& column) {
  if (column.type() == ColumnType::kTime) return true;
  const monitoring::ColumnSample sample = monitoring::make_sample(column);
  if (column.type() == ColumnType::kText) {
    return monitoring::infer_feature_type(sample) == monitoring::FeatureType::kText;
  }
  return column.type() == ColumnType::kInteger && sample.present > 1 && sample.distinct == sample.present;
}

json::value cell_of(const Column& column, size_t row) {
  if (column.is_missing(row)) return nullptr;
  switch (column.type()) {
    case ColumnType::kBoolean:
      return column.integers()[row] != 0;
    case ColumnType::kInteger:
      return column.integers()[row];
    case ColumnType::kDouble:
      return json::number(column.doubles()[row]);
    default:
      return json::value(column.display(row));
  }
}

std::string free_name(const tables::Table& table, std::string name) {
  while (table.find(name) != nullptr) name = "slipway_" + name;
  return name;
}

// The row that has the most values.
size_t fullest_row(const tables::Table& table) {
  size_t best = 0;
  size_t fewest = table.column_count() + 1;
  for (size_t row = 0; row < std::min<size_t>(table.rows(), 1000); ++row) {
    const auto missing = std::count_if(table.columns().begin(), table.columns().end(),
                                       [row](const Column& column) { return column.is_missing(row); });
    if (static_cast<size_t>(missing) >= fewest) continue;
    fewest = static_cast<size_t>(missing);
    best = row;
  }
  return best;
}

ProjectPlan plan_of(const NewFlags& flags, const tables::Table& table) {
  const Column& target = table.get(flags.target);
  check_target(target, flags.positive);
  if (table.rows() < kFewestRows) {
    throw invalid_argument(flags.data, " has ", table.rows(), " rows; a model needs at least ", kFewestRows);
  }
  if (!flags.time_column.empty()) table.get(flags.time_column);
  ProjectPlan plan;
  plan.name = flags.name;
  const std::string file = fs::path(flags.data).filename().string();
  plan.raw = "data/raw" + file.substr(file.find('.'));
  plan.is_parquet = tables::format_of(flags.data) == tables::FileFormat::kParquet;
  plan.target = flags.target;
  plan.positive = flags.positive;
  plan.time_column = flags.time_column;
  plan.row_id = free_name(table, plan.row_id);
  plan.arrival = free_name(table, plan.arrival);
  json::object example;
  const size_t row = fullest_row(table);
  for (const Column& column : table.columns()) {
    if (column.name() == flags.target || column.name() == flags.time_column) continue;
    if (names_its_row(column)) {
      plan.left_out.push_back(column.name());
    } else {
      example[column.name()] = cell_of(column, row);
    }
  }
  if (example.empty())
    throw invalid_argument(flags.data, " has no column to learn from besides ids, times and free text");
  plan.example_row = json::write(example);
  return plan;
}

int make_project(const NewFlags& flags) {
  check_name(flags.name);
  if (tables::format_of(flags.data) == tables::FileFormat::kArrow) {
    throw invalid_argument("a project begins with a CSV or Parquet file, got ", flags.data);
  }
  tables::ReadOptions reading;
  reading.show_progress = true;
  reading.delimiter = flags.delimiter;
  const tables::Table table = tables::read_table(flags.data, reading);
  const ProjectPlan plan = plan_of(flags, table);
  const std::string folder = flags.name + "/";
  fs::create_directories(folder + "data");
  fs::copy_file(flags.data, folder + plan.raw);
  for (const auto& [path, content] : project_files(plan)) files::write_atomic(folder + path, content);
  std::cout << "made " << folder << " with " << table.rows() << " rows of " << flags.data << "; the model looks for "
            << plan.target << (plan.positive.empty() ? "" : " = " + plan.positive) << '\n';
  if (!plan.left_out.empty()) {
    std::cout << "not learned from, since they name their rows: " << text::join(plan.left_out, ", ") << '\n';
  }
  std::cout << "\nNext, as in " << folder << "README.md:\n\n" << next_steps(plan);
  return kExitOk;
}

}  // namespace

Command new_command() {
  Command command;
  command.name = "new";
  command.group = "Models";
  command.summary = "Make a project from a table: data, training, gates, serving, monitor, retraining";
  command.example = "  slipway new churn --data customers.csv --target churned --positive yes";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<NewFlags>();
    app.add_option("name", flags->name, "Name of the project, its folder and its model")->required();
    app.add_option("--template", flags->kind, "classification: a target of two values")
        ->check(CLI::IsMember({"classification"}))
        ->capture_default_str();
    app.add_option("--data", flags->data, "CSV or Parquet file with one row per case")->required();
    app.add_option("--target", flags->target, "The column to predict")->required();
    app.add_option("--positive", flags->positive, "Its value that the model looks for, when it holds no 0 and 1");
    app.add_option("--time-column", flags->time_column, "When each row happened: the latest are held out");
    add_delimiter_flag(app, flags->delimiter);
    return [flags] { return make_project(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
