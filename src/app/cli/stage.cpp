#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "app/cli/stage_events.h"
#include "domains/data/pipeline.h"
#include "domains/data/stage_file.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

constexpr size_t kWidestDescription = 80;

struct AddFlags {
  DataFlags data;
  data::NewStage stage;
  std::vector<std::string> params;
  std::vector<std::string> outs, outs_no_cache, outs_persist, outs_persist_no_cache;
  std::vector<std::string> metrics, metrics_no_cache, plots, plots_no_cache;
  std::vector<std::string> command;
  bool force = false;
  bool run = false;
};

struct ListFlags {
  DataFlags data;
  bool all = false;
  bool fail = false;
  bool recursive = false;
  bool name_only = false;
  bool json = false;
  std::vector<std::string> targets;
};

// Words of the command line as one shell command, as dvc joins them.
std::string command_of(const std::vector<std::string>& words) {
  if (words.size() < 2) return text::join(words, " ");
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const bool quote = word.find(' ') != std::string::npos && word.find('"') == std::string::npos;
    out.push_back(word.empty() ? "\"\"" : quote ? "\"" + word + "\"" : word);
  }
  return text::join(out, " ");
}

void append(const std::vector<std::string>& paths, bool cache, bool persist, std::vector<data::NewOutput>& out) {
  for (const std::string& path : paths) out.push_back({path, cache, persist});
}

data::NewStage stage_of(const AddFlags& flags) {
  data::NewStage out = flags.stage;
  out.command = command_of(flags.command);
  for (const std::string& item : flags.params) {
    const size_t colon = item.rfind(':');
    auto& keys = out.params[colon == std::string::npos || colon == 0 ? "params.yaml" : item.substr(0, colon)];
    for (const std::string& key : text::split(colon == std::string::npos ? item : item.substr(colon + 1), ',')) {
      if (!key.empty()) keys.push_back(key);
    }
  }
  append(flags.outs_persist, true, true, out.outs);
  append(flags.outs_persist_no_cache, false, true, out.outs);
  append(flags.outs_no_cache, false, false, out.outs);
  append(flags.outs, true, false, out.outs);
  append(flags.metrics, true, false, out.metrics);
  append(flags.metrics_no_cache, false, false, out.metrics);
  append(flags.plots, true, false, out.plots);
  append(flags.plots_no_cache, false, false, out.plots);
  return out;
}

int run_added(data::Repository& repository, const AddFlags& flags) {
  watch_interrupts();
  data::ReproduceOptions options;
  options.plan.single_item = true;
  options.cancelled = was_interrupted;
  if (!flags.data.quiet) options.on_message = [](std::string_view line) { std::cout << line << std::endl; };
  const data::ReproduceResult result = data::reproduce(repository, {flags.stage.name}, options);
  report_stages(result);
  if (result.interrupted) return kDataInterrupted;
  if (!result.failed()) return kExitOk;
  print_error(result.stages.front().error);
  return kDataError;
}

int add_stage(const AddFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", true}, [&](data::Repository& repository) {
    data::add_stage(repository, stage_of(flags), flags.force);
    if (!flags.data.quiet) std::cout << "Added stage '" << flags.stage.name << "' in 'dvc.yaml'\n";
    return flags.run ? run_added(repository, flags) : kExitOk;
  });
}

std::string listed(const std::vector<std::string>& paths) { return text::join(paths, ", "); }

// The first line of what its author says about it, or what it reads and gives.
std::string description_of(const data::Stage& stage) {
  for (const std::string& line : text::split(stage.description, '\n')) {
    if (!line.empty()) return std::string(text::trim(line));
  }
  std::vector<std::string> deps, outs, reports;
  for (const data::Dependency& dep : stage.deps) deps.push_back(dep.path);
  for (const data::ParamsDependency& params : stage.params) deps.push_back(params.path);
  for (const data::Output& out : stage.outs) (out.metric || out.plot ? reports : outs).push_back(out.path);
  if (stage.outs.empty()) return deps.empty() ? "No outputs or dependencies" : "Depends on " + listed(deps);
  std::vector<std::string> parts;
  if (!outs.empty()) parts.push_back("Outputs " + listed(outs));
  if (!reports.empty()) parts.push_back("Reports " + listed(reports));
  return text::join(parts, "; ");
}

std::vector<size_t> chosen(data::Repository& repository, const data::StageIndex& index, const ListFlags& flags) {
  if (flags.all) {
    std::vector<size_t> out;
    for (size_t i = 0; i < index.stages().size(); ++i) out.push_back(i);
    return out;
  }
  data::PlanOptions plan;
  plan.single_item = true;
  plan.recursive = flags.recursive;
  return data::plan_stages(repository, index, flags.targets, plan);
}

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

int list_stages(const ListFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    const data::StageIndex index = repository.load_index();
    std::vector<std::pair<std::string, std::string>> rows;
    size_t widest = 0;
    for (const size_t i : chosen(repository, index, flags)) {
      const data::Stage& stage = index.stages()[i];
      std::string about = description_of(stage);
      if (width_of(about) > kWidestDescription) {
        size_t end = 0;
        for (size_t width = 0; end < about.size() && (width < kWidestDescription || (about[end] & 0xC0) == 0x80);
             ++end) {
          if ((about[end] & 0xC0) != 0x80 && ++width == kWidestDescription) break;
        }
        about = about.substr(0, end) + "…";
      }
      rows.emplace_back(stage.address(repository.seen_from()), flags.name_only ? "" : about);
      widest = std::max(widest, width_of(rows.back().first));
    }
    if (flags.json) {
      data::Value out = data::Value::map();
      for (const auto& [name, about] : rows) out.set(name, data::Value::string(about));
      std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
      return kExitOk;
    }
    for (const auto& [name, about] : rows) {
      std::cout << name;
      if (!flags.name_only) std::cout << std::string(widest - width_of(name) + 2, ' ') << about;
      std::cout << '\n';
    }
    return kExitOk;
  });
}

void declare_add(CLI::App& add, const std::shared_ptr<AddFlags>& flags) {
  declare_data_flags(add, flags->data);
  // What stands behind the first word of the command belongs to the command.
  add.prefix_command();
  const auto many = [&](const char* name, std::vector<std::string>& into, const char* what) {
    add.add_option(name, into, what)->allow_extra_args(false);
  };
  add.add_option("-n,--name", flags->stage.name, "Its name")->required();
  add.add_flag("-f,--force", flags->force, "Replace a stage of this name");
  many("-d,--deps", flags->stage.deps, "A file or folder that it reads");
  many("-p,--params", flags->params, "Parameters that it reads: [file:]key,key");
  many("-o,--outs", flags->outs, "A file or folder that it makes");
  many("-O,--outs-no-cache", flags->outs_no_cache, "The same, kept by Git instead of the cache");
  many("--outs-persist", flags->outs_persist, "The same, not removed before it runs");
  many("--outs-persist-no-cache", flags->outs_persist_no_cache, "Neither removed nor in the cache");
  many("-m,--metrics", flags->metrics, "A file of metrics that it makes");
  many("-M,--metrics-no-cache", flags->metrics_no_cache, "The same, kept by Git");
  many("--plots", flags->plots, "A plot that it makes");
  many("--plots-no-cache", flags->plots_no_cache, "The same, kept by Git");
  add.add_option("-w,--wdir", flags->stage.folder, "Where the command runs");
  add.add_flag("--always-changed", flags->stage.always_changed, "Run it every time");
  add.add_option("--desc", flags->stage.description, "What it is for");
  add.add_flag("--run", flags->run, "Run it now");
}

Action declare_stage(CLI::App& parser) {
  const auto adding = std::make_shared<AddFlags>();
  const auto listing = std::make_shared<ListFlags>();
  parser.require_subcommand(1);
  CLI::App* add = parser.add_subcommand("add", "Put a stage into dvc.yaml; the command comes last");
  declare_add(*add, adding);
  CLI::App* list = parser.add_subcommand("list", "List stages with what they make");
  declare_data_flags(*list, listing->data);
  list->add_flag("--all", listing->all, "Of the whole repository");
  list->add_flag("--fail", listing->fail, "Fail when a file cannot be read (always so)");
  list->add_flag("-R,--recursive", listing->recursive, "Of all folders below a folder");
  list->add_flag("--name-only,--names-only", listing->name_only, "Names alone");
  list->add_flag("--json", listing->json, "Print as JSON");
  list->add_option("targets", listing->targets, "A dvc.yaml, .dvc file, stage or folder; default: dvc.yaml");
  return [adding, listing, add] {
    if (!add->parsed()) return list_stages(*listing);
    adding->command = add->remaining();
    return add_stage(*adding);
  };
}

}  // namespace

Command stage_command() {
  return data_command("stage", "Add stages to dvc.yaml and list them",
                      "  slipway stage add -n train -d train.py -d data.csv -p lr -o model.pkl python train.py",
                      declare_stage);
}

}  // namespace slipway::cli
