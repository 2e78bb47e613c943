#include "app/cli/gc_data.h"

#include <iostream>

#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

bool keeps_something(const DataGcFlags& flags) {
  const data::GarbageOptions& options = flags.garbage;
  return flags.workspace || options.all_branches || options.all_tags || options.all_commits ||
         options.all_experiments || !options.rev.empty() || !flags.date.empty();
}

void check_flags(const DataGcFlags& flags) {
  if (!keeps_something(flags) && !flags.commits) {
    throw invalid_argument(
        "Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags` `--all-experiments`, `--all-commits`, "
        "`--date` or `--rev` needs to be set.");
  }
  if (flags.commits && flags.garbage.rev.empty() && !flags.garbage.all_branches)
    throw invalid_argument("`--num` can only be used alongside `--rev` or `--all-branches`");
}

// What stays, in words.
std::string kept_text(const DataGcFlags& flags) {
  const data::GarbageOptions& options = flags.garbage;
  const std::string last = text::concat("last ", options.commits, " commits from ");
  std::string out = "the workspace";
  if (options.all_commits) {
    out += " and all git commits";
  } else {
    if (options.all_branches) out += text::concat(" and ", flags.commits ? last : "", "all git branches");
    if (options.all_tags) out += " and all git tags";
    if (!flags.date.empty()) out += " and all git commits since " + flags.date;
    if (!options.rev.empty()) out += text::concat(" and ", last, options.rev);
  }
  if (options.all_experiments) out += " and all experiments";
  if (options.projects.empty()) return out + " of the current repo.";
  out += " of the current and the following repos:";
  for (const std::string& project : options.projects) {
    out += "\n  - " + data::paths::join(data::paths::current_folder(), project);
  }
  return out;
}

bool ask(const std::string& question) {
  std::cerr << question << " [y/n]: ";
  std::string answer;
  return std::getline(std::cin, answer) && (text::lower(answer) == "y" || text::lower(answer) == "yes");
}

void say(size_t removed, const char* cache) {
  if (removed > 0) {
    std::cout << "Removed " << removed << " objects from " << cache << " cache.\n";
  } else {
    std::cout << "No unused '" << cache << "' cache to remove.\n";
  }
}

}  // namespace

bool DataGcFlags::is_meant() const {
  return keeps_something(*this) || commits || force || garbage.dry || garbage.skip_failed || !garbage.projects.empty();
}

void declare_data_gc(CLI::App& parser, DataGcFlags& flags) {
  data::GarbageOptions& options = flags.garbage;
  declare_data_flags(parser, flags.data);
  parser.add_flag("-w,--workspace", flags.workspace, "Tracked data: keep what the workspace records");
  parser.add_flag("-a,--all-branches", options.all_branches, "Tracked data: keep what any branch records");
  parser.add_flag("-T,--all-tags", options.all_tags, "Tracked data: keep what any tag records");
  parser.add_flag("-A,--all-commits", options.all_commits, "Tracked data: keep what any commit records");
  parser.add_flag("--all-experiments", options.all_experiments, "Tracked data: keep what any experiment records");
  parser.add_option("--rev", options.rev, "Tracked data: keep what this revision records");
  parser.add_option("-n,--num", flags.commits, "Tracked data: so many commits of --rev and of branches; default: 1");
  parser.add_option("--date", flags.date, "Tracked data: keep what commits since YYYY-MM-DD record");
  parser.add_option("-p,--projects", options.projects, "Tracked data: other repositories that use the same cache");
  parser.add_flag("--dry", options.dry, "Tracked data: only say how much would go");
  parser.add_flag("--skip-failed", options.skip_failed, "Tracked data: pass over versions that cannot be read");
  parser.add_flag("-f,--force", flags.force, "Tracked data: do not ask");
}

int run_data_gc(const DataGcFlags& given) {
  DataGcFlags flags = given;
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    check_flags(flags);
    flags.garbage.commits = flags.commits.value_or(1);
    if (flags.garbage.commits == 0) throw invalid_argument("--num must be at least 1");
    if (!flags.date.empty()) {
      const auto time = flags.date.size() == 10 ? text::parse_time_ms(flags.date) : std::nullopt;
      if (!time) throw invalid_argument("--date must be YYYY-MM-DD, not '", flags.date, "'");
      flags.garbage.since_s = *time / 1000;
    }
    print_warning("This will remove all cache except items used in " + kept_text(flags));
    flags.garbage.force = flags.force || flags.garbage.dry;
    if (!flags.garbage.force && !ask("Are you sure you want to proceed?")) return kDataFailed;
    flags.garbage.confirm = ask;
    const data::GarbageResult result = data::collect_garbage(repository, flags.garbage);
    if (flags.data.quiet) return kExitOk;
    say(result.current, "repo");
    say(result.legacy, "legacy");
    return kExitOk;
  });
}

}  // namespace slipway::cli
