#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/data_status.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

struct DataStatusFlags {
  DataFlags data;
  data::DataStatusOptions status;
  std::string untracked = "no";
  bool unchanged = false;
  bool json = false;
  bool no_refresh = false;  // a remote is asked each time, there is no list of its content that could be old
};

data::Value changes_json(const data::DataChanges& changes) {
  data::Value out = data::Value::map();
  const auto put = [&](const char* name, const std::vector<std::string>& list) {
    if (!list.empty()) out.set(name, data::Value::strings(list));
  };
  put("modified", changes.modified);
  put("added", changes.added);
  put("deleted", changes.deleted);
  data::Value renamed = data::Value::list();
  for (const auto& [before, after] : changes.renamed) {
    data::Value one = data::Value::map();
    one.set("old", data::Value::string(before));
    one.set("new", data::Value::string(after));
    renamed.push(std::move(one));
  }
  if (!renamed.empty()) out.set("renamed", std::move(renamed));
  put("unknown", changes.unknown);
  return out;
}

void print_json(const data::DataStatus& status) {
  data::Value out = data::Value::map();
  const auto put = [&](const char* name, data::Value value) {
    if (!value.empty()) out.set(name, std::move(value));
  };
  put("not_in_cache", data::Value::strings(status.not_in_cache));
  put("not_in_remote", data::Value::strings(status.not_in_remote));
  put("committed", changes_json(status.committed));
  put("uncommitted", changes_json(status.uncommitted));
  put("untracked", data::Value::strings(status.untracked));
  put("unchanged", data::Value::strings(status.unchanged));
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

std::vector<std::string> changes_lines(const data::DataChanges& changes) {
  std::vector<std::string> out;
  const auto put = [&](const char* name, const std::vector<std::string>& list) {
    for (const std::string& path : list) out.push_back(text::concat(name, ": ", path));
  };
  put("modified", changes.modified);
  put("added", changes.added);
  put("deleted", changes.deleted);
  for (const auto& [before, after] : changes.renamed) {
    out.push_back(text::concat("renamed: ", before, " -> ", after));
  }
  put("unknown", changes.unknown);
  return out;
}

void print_text(const data::DataStatus& status) {
  bool any = false;
  const auto section = [&](const char* title, const std::vector<std::string>& hints,
                           const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    if (any) std::cout << '\n';
    any = true;
    std::cout << title << ":\n";
    for (const std::string& hint : hints) std::cout << "  (" << hint << ")\n";
    for (const std::string& line : lines) std::cout << "        " << line << '\n';
  };
  section("Not in cache", {"use \"slipway fetch <file>...\" to download files"}, status.not_in_cache);
  section("Not in remote", {"use \"slipway push <file>...\" to upload files"}, status.not_in_remote);
  section("DVC committed changes", {"git commit the corresponding dvc files to update the repo"},
          changes_lines(status.committed));
  section(
      "DVC uncommitted changes",
      {"use \"slipway commit <file>...\" to track changes", "use \"slipway checkout <file>...\" to discard changes"},
      changes_lines(status.uncommitted));
  section("Untracked files", {"use \"git add <file> ...\" or \"slipway add <file>...\" to commit to git or to slipway"},
          status.untracked);
  section("DVC unchanged files", {}, status.unchanged);
  if (!any)
    std::cout << "No changes" << (status.has_git && !status.has_commits ? " in an empty git repo" : "") << ".\n";
  if (status.git_changes) {
    std::cout << "(there are " << (any ? "other " : "") << "changes not tracked by dvc, use \"git status\" to see)\n";
  }
}

int run_data_status(DataStatusFlags& flags) {
  flags.status.with_untracked = flags.untracked == "all";
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    data::DataStatus status = data::data_status(repository, flags.status);
    if (!flags.unchanged) status.unchanged.clear();
    if (flags.json) {
      print_json(status);
    } else if (!flags.data.quiet) {
      print_text(status);
    }
    return kExitOk;
  });
}

Action declare_data(CLI::App& parser) {
  const auto flags = std::make_shared<DataStatusFlags>();
  parser.require_subcommand(1);
  CLI::App* status = parser.add_subcommand("status", "Show changes between the last commit, .dvc files and workspace");
  declare_data_flags(*status, flags->data);
  status->add_flag("--json", flags->json, "Print as JSON");
  status->add_flag("--granular", flags->status.granular, "The files in tracked folders too");
  status->add_flag("--unchanged", flags->unchanged, "What did not change too");
  status->add_option("--untracked-files", flags->untracked, "Files that neither Git nor Slipway track: no, all")
      ->expected(0, 1)
      ->default_str("all")
      ->check(CLI::IsMember({"no", "all"}));
  status->add_flag("--not-in-remote", flags->status.with_remote, "What the remote lacks too");
  status->add_option("-r,--remote", flags->status.transfer.remote, "The remote that --not-in-remote asks");
  status->add_flag("--no-remote-refresh", flags->no_refresh, "Has no effect: the remote is always asked");
  status->add_option("targets", flags->status.targets, "Files and folders; default: all that is tracked");
  return [flags] { return run_data_status(*flags); };
}

}  // namespace

Command data_command_group() {
  return data_command("data", "Show where tracked data stands", "  slipway data status --granular", declare_data);
}

}  // namespace slipway::cli
