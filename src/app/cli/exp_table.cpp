#include "app/cli/exp_table.h"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <map>
#include <regex>
#include <set>

#include "app/cli/exp_cells.h"
#include "app/cli/report_command.h"
#include "domains/data/params_formats.h"
#include "domains/data/reports.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

using Format = ExperimentTableOptions::Format;
constexpr size_t kShortId = 7;

// Files with their keys, in the order in which they were met.
struct Names {
  std::vector<std::pair<std::string, std::vector<std::string>>> files;
  std::map<std::string, std::pair<size_t, std::set<std::string>>> known;

  void add(const data::Value& reports) {
    for (const data::Member& file : reports.members()) {
      const data::Value* content = file.value.find("data");
      if (content != nullptr && !content->is_map()) continue;
      const auto [place, is_new] = known.try_emplace(file.key, files.size(), std::set<std::string>());
      if (is_new) files.push_back({file.key, {}});
      if (content == nullptr) continue;
      const data::Value flat = data::flattened(*content);
      for (const data::Member& key : flat.members()) {
        if (place->second.second.insert(key.key).second) files[place->second.first].second.push_back(key.key);
      }
    }
  }
  bool has(const std::string& file, const std::string& key) const {
    const auto found = known.find(file);
    return found != known.end() && found->second.second.contains(key);
  }
};

struct Column {
  std::string header;
  std::vector<std::string> cells;
  bool kept = false;
};

std::string cell_text(const data::Value& reports, const std::string& file, const std::string& key,
                      const ExperimentTableOptions& options, const std::string& fill) {
  const data::Value* entry = reports.find(file);
  if (entry == nullptr) return fill;
  const data::Value* content = entry->find("data");
  const data::Value flat = content != nullptr && content->is_map() ? data::flattened(*content) : data::Value::map();
  const data::Value* found = flat.find(key);
  if (found != nullptr && !found->is_null()) return experiment_cell(*found, options.digits);
  return entry->find("error") != nullptr ? "!" : fill;
}

class Table {
 public:
  Table(std::vector<experiments::Baseline> baselines, const ExperimentTableOptions& options)
      : baselines_(std::move(baselines)), options_(options), fill_(options.format == Format::kCsv ? "" : "-") {
    for (const experiments::Baseline& baseline : baselines_) {
      meet(baseline.state);
      for (const experiments::Run& run : baseline.runs) {
        for (const experiments::State& state : run.states) meet(state);
      }
    }
    make_columns();
    if (!options.sort_by.empty()) sort();
    for (const experiments::Baseline& baseline : baselines_) add_rows(baseline);
    choose_columns();
  }

  void print() const {
    if (columns_.empty() || columns_.front().cells.empty()) {
      if (options_.format != Format::kCsv) return;
    }
    std::vector<std::string> headers;
    for (const Column& column : columns_) headers.push_back(column.header);
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; !columns_.empty() && i < columns_.front().cells.size(); ++i) {
      std::vector<std::string> row;
      for (const Column& column : columns_) row.push_back(column.cells[i]);
      rows.push_back(std::move(row));
    }
    if (options_.format != Format::kCsv) return print_report_table(headers, rows, options_.format == Format::kMarkdown);
    print_csv(headers);
    for (const auto& row : rows) print_csv(row);
  }

 private:
  void meet(const experiments::State& state) {
    if (state.error) return;
    metrics_.add(state.metrics);
    params_.add(state.params);
    for (const experiments::DataState& dep : state.deps) deps_.insert(dep.path);
  }

  void make_columns() {
    for (const char* header : {"Experiment", "rev", "typ", "Created", "parent", "State", "Executor"}) {
      columns_.push_back({header, {}, false});
      ++uses_[header];
    }
    // A file that has metrics and parameters gives its keys once, as dvc counts them.
    std::map<std::string, std::set<std::string>> counted;
    for (const Names* names : {&metrics_, &params_}) {
      for (const auto& [file, keys] : names->files) {
        for (const std::string& key : keys) ++uses_[key];
      }
    }
    for (const Names* names : {&metrics_, &params_}) {
      for (const auto& [file, keys] : names->files) {
        for (const std::string& key : keys) columns_.push_back({header_of(file, key), {}, false});
      }
    }
    for (const std::string& dep : deps_) columns_.push_back({dep, {}, false});
  }
  std::string header_of(const std::string& file, const std::string& key) const {
    return uses_.at(key) == 1 ? key : text::concat(file, ":", key);
  }

  void sort() {
    struct Match {
      const Names* names;
      std::string file;
      std::string key;
    };
    std::vector<Match> matches;
    const size_t colon = options_.sort_by.rfind(':');
    for (const Names* names : {&metrics_, &params_}) {
      for (const auto& [file, keys] : names->files) {
        if (options_.sort_by.starts_with(file + ":") && names->has(file, options_.sort_by.substr(file.size() + 1))) {
          matches.push_back({names, file, options_.sort_by.substr(file.size() + 1)});
        }
      }
    }
    const std::string key = colon == 0 ? options_.sort_by.substr(1) : options_.sort_by;
    if (matches.empty()) {
      for (const Names* names : {&metrics_, &params_}) {
        for (const auto& [file, keys] : names->files) {
          if (names->has(file, key)) matches.push_back({names, file, key});
        }
      }
    }
    if (matches.empty()) throw invalid_argument("Unknown sort column '", options_.sort_by, "'");
    if (matches.size() > 1) {
      std::vector<std::string> names;
      for (const Match& match : matches) names.push_back(match.file + ":" + match.key);
      throw invalid_argument("Ambiguous sort column '", options_.sort_by, "' matched '", text::join(names, ", "), "'");
    }
    const Match& by = matches.front();
    const auto value_of = [&](const experiments::Run& run) -> std::optional<data::Value> {
      const experiments::State& state = run.states.front();
      const data::Value* entry = (by.names == &metrics_ ? state.metrics : state.params).find(by.file);
      const data::Value* content = entry == nullptr ? nullptr : entry->find("data");
      if (content == nullptr || !content->is_map()) return std::nullopt;
      const data::Value flat = data::flattened(*content);
      const data::Value* found = flat.find(by.key);
      return found == nullptr || found->is_null() ? std::nullopt : std::optional(*found);
    };
    const bool reverse = options_.sort_order == "desc";
    for (experiments::Baseline& baseline : baselines_) {
      std::stable_sort(baseline.runs.begin(), baseline.runs.end(), [&](const auto& a, const auto& b) {
        return reverse ? is_less(value_of(b), value_of(a)) : is_less(value_of(a), value_of(b));
      });
    }
  }
  // What has no value comes last.
  static bool is_less(const std::optional<data::Value>& a, const std::optional<data::Value>& b) {
    if (!a || !b) return a.has_value() && !b.has_value();
    if (a->is_string() || b->is_string()) return data::plain_text(*a) < data::plain_text(*b);
    return a->as_double() < b->as_double();
  }

  std::string time_text(const experiments::State& state) const {
    if (!state.time_s) return fill_;
    const std::time_t time = *state.time_s;
    const std::time_t now = std::time(nullptr);
    std::tm then{};
    std::tm today{};
    ::localtime_r(&time, &then);
    ::localtime_r(&now, &today);
    const bool is_today = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
    const char* format = options_.format == Format::kCsv ? "%Y-%m-%dT%H:%M:%S" : is_today ? "%I:%M %p" : "%b %d, %Y";
    char text[32];
    return {text, std::strftime(text, sizeof text, format, &then)};
  }

  void add_rows(const experiments::Baseline& baseline) {
    const std::string& revision = baseline.state.revision;
    const std::string shown = !baseline.state.name.empty() ? baseline.state.name
                              : revision == "workspace"    ? revision
                                                           : revision.substr(0, kShortId);
    add_row(baseline.state, {"", shown, "baseline", time_text(baseline.state), "", fill_, fill_});
    for (size_t i = 0; i < baseline.runs.size(); ++i) {
      const experiments::Run& run = baseline.runs[i];
      const experiments::State& state = run.states.front();
      std::string status = run.status.empty() ? fill_ : run.status;
      if (!run.status.empty()) status[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(status[0])));
      add_row(state, {state.name, state.revision.substr(0, kShortId),
                      i + 1 == baseline.runs.size() ? "branch_base" : "branch_commit", time_text(state), "", status,
                      run.status.empty() ? fill_ : "Slipway"});
    }
  }
  void add_row(const experiments::State& state, const std::vector<std::string>& first) {
    size_t at = 0;
    for (const std::string& cell : first) columns_[at++].cells.push_back(cell);
    for (const auto& [names, reports] : {std::pair(&metrics_, &state.metrics), std::pair(&params_, &state.params)}) {
      for (const auto& [file, keys] : names->files) {
        for (const std::string& key : keys) {
          columns_[at++].cells.push_back(state.error ? fill_ : cell_text(*reports, file, key, options_, fill_));
        }
      }
    }
    for (const std::string& path : deps_) {
      const auto found = std::find_if(state.deps.begin(), state.deps.end(),
                                      [&](const experiments::DataState& dep) { return dep.path == path; });
      const bool known = found != state.deps.end() && !found->record.hash.empty();
      columns_[at++].cells.push_back(known ? found->record.hash : fill_);
    }
  }

  static bool matches(const std::string& name, const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      try {
        return std::regex_search(name, std::regex(pattern), std::regex_constants::match_continuous);
      } catch (const std::regex_error&) {
        throw invalid_argument("'", pattern, "' is not a regular expression");
      }
    });
  }

  void choose_columns() {
    for (Column& column : columns_) column.kept = matches(column.header, options_.keep);
    const auto empty = [&](const Column& column) {
      return std::all_of(column.cells.begin(), column.cells.end(), [&](const auto& cell) { return cell == fill_; });
    };
    std::erase_if(columns_, [&](const Column& column) {
      return !column.kept && (column.header == "State" || column.header == "Executor") && empty(column);
    });
    if (options_.format != Format::kCsv) merge_names();
    std::erase_if(columns_, [&](const Column& column) {
      if (column.kept) return false;
      const bool same = std::all_of(column.cells.begin(), column.cells.end(),
                                    [&](const std::string& cell) { return cell == column.cells.front(); });
      return (options_.only_changed && !column.cells.empty() && same) || matches(column.header, options_.drop);
    });
  }
  // Commit and name in one column, drawn as a tree.
  void merge_names() {
    Column& names = columns_[0];
    for (size_t i = 0; i < names.cells.size(); ++i) {
      const std::string& revision = columns_[1].cells[i];
      const std::string& kind = columns_[2].cells[i];
      const std::string name = names.cells[i];
      const std::string branch = kind == "baseline" ? "" : kind == "branch_base" ? "└── " : "├── ";
      names.cells[i] = kind == "baseline" || name.empty() ? branch + (name.empty() ? revision : name)
                                                          : text::concat(branch, revision, " [", name, "]");
    }
    std::erase_if(columns_, [](const Column& column) {
      return column.header == "rev" || column.header == "typ" || column.header == "parent";
    });
  }

  static void print_csv(const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) std::cout << ',';
      const bool quote = row[i].find_first_of(",\"\r\n") != std::string::npos;
      std::cout << (quote ? "\"" + text::replace_all(row[i], "\"", "\"\"") + "\"" : row[i]);
    }
    std::cout << "\r\n";
  }

  std::vector<experiments::Baseline> baselines_;
  const ExperimentTableOptions& options_;
  const std::string fill_;
  Names metrics_;
  Names params_;
  std::set<std::string> deps_;
  std::map<std::string, int> uses_;
  std::vector<Column> columns_;
};

data::Value rounded(const data::Value& value, int digits) {
  data::Value out = value;
  if (value.kind() == data::Value::Kind::kFloat) {
    char text[64];
    const int length = std::snprintf(text, sizeof text, "%.*g", digits, value.as_double());
    return data::Value::string(std::string_view(text, static_cast<size_t>(length)));
  }
  for (data::Value& item : out.items()) item = rounded(item, digits);
  for (data::Member& member : out.members()) member.value = rounded(member.value, digits);
  return out;
}

}  // namespace

std::string experiment_cell(const data::Value& value, std::optional<int> digits) {
  return cell_of(digits ? rounded(value, *digits) : value, std::nullopt);
}

void print_experiments(std::vector<experiments::Baseline> baselines, const ExperimentTableOptions& options) {
  Table(std::move(baselines), options).print();
}

}  // namespace slipway::cli
