#include <iostream>
#include <memory>

#include "app/cli/exp.h"
#include "app/cli/exp_cells.h"
#include "app/cli/exp_table.h"
#include "domains/experiments/state.h"

namespace slipway::cli {

namespace {

struct ShowFlags {
  DataFlags data;
  BaselineFlags baselines;
  experiments::CollectOptions collect;
  ExperimentTableOptions table;
  bool ids_only = false;
  bool hide_workspace = false;
  bool hide_queued = false;
  bool hide_failed = false;
  bool no_pager = false;
  bool fetch_running = true;
  bool force = false;
  bool json = false;
  bool csv = false;
  bool markdown = false;
  int precision = 0;
};

data::Value text_or_null(const std::string& text) { return text.empty() ? data::Value() : data::Value::string(text); }

std::string local_time(int64_t time_s) {
  const std::time_t time = time_s;
  std::tm local{};
  ::localtime_r(&time, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &local)};
}

data::Value data_as_json(const experiments::DataState& state, bool output) {
  const auto number = [](const std::optional<uint64_t>& value) {
    return value ? data::Value::integer(static_cast<int64_t>(*value)) : data::Value();
  };
  data::Value out = data::Value::map();
  out.set("hash", text_or_null(state.record.hash));
  out.set("size", number(state.record.size));
  out.set("nfiles", number(state.record.file_count));
  if (output) {
    out.set("use_cache", data::Value::boolean(state.cache));
    out.set("is_data_source", data::Value::boolean(state.source));
  }
  return out;
}

data::Value state_as_json(const experiments::State& state) {
  data::Value out = data::Value::map();
  out.set("rev", data::Value::string(state.revision));
  out.set("name", text_or_null(state.name));
  data::Value error;
  data::Value content;
  if (state.error) {
    error = data::Value::map();
    error.set("msg", data::Value::string(*state.error));
    error.set("type", data::Value::string("YAMLValidationError"));
  } else {
    content = data::Value::map();
    content.set("rev", data::Value::string(state.revision));
    content.set("timestamp", state.time_s ? data::Value::string(local_time(*state.time_s)) : data::Value());
    content.set("params", state.params);
    content.set("metrics", state.metrics);
    data::Value deps = data::Value::map();
    for (const auto& dep : state.deps) deps.set(dep.path, data_as_json(dep, false));
    data::Value outs = data::Value::map();
    for (const auto& each : state.outs) outs.set(each.path, data_as_json(each, true));
    content.set("deps", std::move(deps));
    content.set("outs", std::move(outs));
    content.set("meta", data::Value::map());
  }
  out.set("data", std::move(content));
  out.set("error", std::move(error));
  out.set("experiments", {});
  return out;
}

data::Value as_json(const std::vector<experiments::Baseline>& baselines) {
  data::Value out = data::Value::list();
  for (const experiments::Baseline& baseline : baselines) {
    data::Value item = state_as_json(baseline.state);
    data::Value runs = data::Value::list();
    for (const experiments::Run& run : baseline.runs) {
      data::Value revisions = data::Value::list();
      for (const experiments::State& state : run.states) revisions.push(state_as_json(state));
      data::Value executor;
      if (!run.status.empty()) {
        executor = data::Value::map();
        executor.set("state", data::Value::string(run.status));
        executor.set("name", data::Value::string("slipway"));
        executor.set("local", {});
      }
      data::Value range = data::Value::map();
      range.set("revs", std::move(revisions));
      range.set("executor", std::move(executor));
      range.set("name", data::Value::string(run.name));
      runs.push(std::move(range));
    }
    if (!baseline.runs.empty()) item.set("experiments", std::move(runs));
    out.push(std::move(item));
  }
  return out;
}

int show(ShowFlags& flags) {
  return run_in_repository(
      flags.data, {kDataFailed, "failed to show experiments", false}, [&](data::Repository& repository) {
        flags.collect.baselines.revisions = flags.baselines.wanted.revisions;
        flags.collect.baselines.count = flags.baselines.wanted.count;
        flags.collect.baselines.all_commits = flags.baselines.wanted.all_commits;
        const experiments::Baselines& wanted = flags.collect.baselines;
        if (wanted.revisions.empty() && !wanted.all_branches && !wanted.all_tags && !wanted.all_commits) {
          flags.collect.baselines.revisions = {"HEAD"};
        }
        flags.collect.workspace = !flags.hide_workspace;
        flags.collect.names = !flags.ids_only;
        const std::vector<experiments::Baseline> found = experiments::collect(repository, flags.collect);
        if (flags.json) {
          std::cout << python_json(as_json(found), data::KeyOrder::kAsIs) << '\n';
          return kExitOk;
        }
        if (flags.csv) {
          flags.table.format = ExperimentTableOptions::Format::kCsv;
          if (flags.precision > 0) flags.table.digits = flags.precision;
        } else {
          if (flags.markdown) flags.table.format = ExperimentTableOptions::Format::kMarkdown;
          flags.table.digits = kExperimentDigits;
        }
        return run_anywhere({kDataError, "", false}, [&] {
          print_experiments(found, flags.table);
          return kExitOk;
        });
      });
}

}  // namespace

Action declare_exp_show(CLI::App& parser) {
  const auto flags = std::make_shared<ShowFlags>();
  declare_data_flags(parser, flags->data);
  declare_baseline_flags(parser, flags->baselines);
  parser.add_flag("-a,--all-branches", flags->collect.baselines.all_branches, "Of all branches");
  parser.add_flag("-T,--all-tags", flags->collect.baselines.all_tags, "Of all tags");
  parser.add_flag("--no-pager", flags->no_pager, "Accepted as dvc does; there is no pager");
  parser.add_flag("--only-changed", flags->table.only_changed, "Only columns whose values differ");
  parser.add_option("--drop", flags->table.drop, "Leave out columns whose names match; may be given again");
  parser.add_option("--keep", flags->table.keep, "Keep such columns whatever else is said; may be given again");
  parser.add_flag("--param-deps", flags->collect.only_dependencies, "Only parameters that stages depend on");
  parser.add_option("--sort-by", flags->table.sort_by, "A metric or parameter");
  parser.add_option("--sort-order", flags->table.sort_order, "asc or desc")->check(CLI::IsMember({"asc", "desc"}));
  parser.add_flag("--sha", flags->ids_only, "Commits instead of the names of branches and tags");
  parser.add_flag("--hide-failed", flags->hide_failed, "Without those that failed in the queue");
  parser.add_flag("--hide-queued", flags->hide_queued, "Without those that wait in the queue");
  parser.add_flag("--hide-workspace", flags->hide_workspace, "Without the workspace");
  parser.add_flag("--json", flags->json, "Print as JSON");
  parser.add_flag("--csv", flags->csv, "Print as CSV");
  parser.add_flag("--md", flags->markdown, "Print as a table in Markdown");
  parser.add_option("--precision", flags->precision, "Significant digits in CSV; default: all")
      ->check(CLI::Range(1, 17));
  parser.add_flag("-f,--force", flags->force, "Accepted as dvc does; nothing is remembered");
  return [flags] { return show(*flags); };
}

}  // namespace slipway::cli
