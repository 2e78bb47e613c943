#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/exp.h"
#include "app/cli/exp_cells.h"
#include "app/cli/report_command.h"
#include "domains/experiments/state.h"

namespace slipway::cli {

namespace {

struct DiffFlags {
  DataFlags data;
  std::string before;
  std::string after;
  bool with_unchanged = false;
  bool only_dependencies = false;
  bool json = false;
  bool markdown = false;
  bool no_path = false;
  int precision = kExperimentDigits;
};

void print_table(const data::Value& differences, const char* title, std::optional<int> digits, const DiffFlags& flags) {
  std::vector<std::string> headers = {"Path", title, flags.before.empty() ? "HEAD" : flags.before,
                                      flags.after.empty() ? "workspace" : flags.after, "Change"};
  if (flags.no_path) headers.erase(headers.begin());
  std::vector<std::vector<std::string>> rows;
  for (const data::Member& file : differences.members()) {
    std::vector<const data::Member*> changes;
    for (const data::Member& change : file.value.members()) changes.push_back(&change);
    std::sort(changes.begin(), changes.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    for (const data::Member* change : changes) {
      std::vector<std::string> row = {file.key, change->key};
      for (const char* side : {"old", "new"}) {
        const data::Value* value = change->value.find(side);
        row.push_back(value == nullptr || value->is_null() ? "-" : experiment_cell(*value, digits));
      }
      const data::Value* change_by = change->value.find("diff");
      row.push_back(change_by == nullptr ? "diff not supported" : experiment_cell(*change_by, digits));
      if (flags.no_path) row.erase(row.begin());
      rows.push_back(std::move(row));
    }
  }
  print_report_table(headers, rows, flags.markdown);
}

data::Value compare(const data::Value& before, const data::Value& after, bool with_unchanged) {
  return data::compare_reports({"", before, {}}, {"", after, {}}, with_unchanged);
}

int diff(const DiffFlags& flags) {
  return run_in_repository(
      flags.data, {kDataFailed, "failed to show experiments diff", false}, [&](data::Repository& repository) {
        if (!data::has_commits(repository)) {
          if (flags.json) std::cout << "{}\n";
          return kExitOk;
        }
        const git::Repository& git = repository.history();
        const auto state = [&](const std::string& revision) {
          return experiments::read_state(repository, revision, flags.only_dependencies);
        };
        const auto before = state(experiments::resolve(git, flags.before.empty() ? "HEAD" : flags.before));
        const auto after = state(flags.after.empty() ? "workspace" : experiments::resolve(git, flags.after));
        const data::Value metrics = compare(before.metrics, after.metrics, flags.with_unchanged);
        const data::Value params = compare(before.params, after.params, flags.with_unchanged);
        if (flags.json) {
          data::Value out = data::Value::map();
          out.set("metrics", metrics);
          out.set("params", params);
          std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
          return kExitOk;
        }
        print_table(metrics, "Metric", flags.precision, flags);
        std::cout << '\n';
        print_table(params, "Param", std::nullopt, flags);
        return kExitOk;
      });
}

}  // namespace

Action declare_exp_diff(CLI::App& parser) {
  const auto flags = std::make_shared<DiffFlags>();
  declare_data_flags(parser, flags->data);
  parser.add_flag("--all", flags->with_unchanged, "What did not change too");
  parser.add_flag("--param-deps", flags->only_dependencies, "Only parameters that stages depend on");
  parser.add_flag("--json", flags->json, "Print as JSON");
  parser.add_flag("--md", flags->markdown, "Print as tables in Markdown");
  parser.add_flag("--no-path", flags->no_path, "Leave out the files' names");
  parser.add_option("--precision", flags->precision, "Significant digits of metrics; default: 5")
      ->check(CLI::Range(1, 17));
  parser.add_option("a_rev", flags->before, "The older experiment; default: HEAD");
  parser.add_option("b_rev", flags->after, "The newer experiment; default: the workspace");
  return [flags] { return diff(*flags); };
}

}  // namespace slipway::cli
