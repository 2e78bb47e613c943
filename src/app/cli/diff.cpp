#include <array>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "app/cli/report_command.h"
#include "domains/data/data_diff.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct DiffFlags {
  DataFlags data;
  std::string older = "HEAD";
  std::string newer;
  std::vector<std::string> targets;
  bool json = false;
  bool markdown = false;
  bool show_hash = false;
  bool hide_missing = false;
};

struct Group {
  const char* name;
  const char* title;
  const std::vector<data::DataDifference>* list;
};

// In the order people read them; JSON has the last two the other way round.
std::vector<Group> groups_of(const data::DataDifferences& found, bool hide_missing) {
  std::vector<Group> out = {{"added", "Added", &found.added},
                            {"deleted", "Deleted", &found.deleted},
                            {"renamed", "Renamed", &found.renamed},
                            {"modified", "Modified", &found.modified}};
  if (!hide_missing) out.push_back({"not in cache", "Not in cache", &found.not_in_cache});
  return out;
}

bool is_rename(const data::DataDifference& one) {
  return one.before && one.after && one.before->path != one.after->path;
}

bool is_change(const data::DataDifference& one) { return one.before && one.after && !is_rename(one); }

const data::DataEntry& entry_of(const data::DataDifference& one) { return one.before ? *one.before : *one.after; }

std::string path_text(const data::DataDifference& one) {
  return is_rename(one) ? text::concat(one.before->shown(), " -> ", one.after->shown()) : entry_of(one).shown();
}

std::string hash_text(const data::DataDifference& one) {
  const auto digest = [](const data::DataEntry& entry) { return entry.hash.substr(0, 8); };
  return is_change(one) ? text::concat(digest(*one.before), "..", digest(*one.after)) : digest(entry_of(one));
}

data::Value hash_json(const data::DataEntry& entry) {
  return entry.hash.empty() ? data::Value() : data::Value::string(entry.hash);
}

data::Value pair_json(data::Value before, data::Value after) {
  data::Value out = data::Value::map();
  out.set("old", std::move(before));
  out.set("new", std::move(after));
  return out;
}

data::Value difference_json(const data::DataDifference& one, bool show_hash) {
  data::Value out = data::Value::map();
  out.set("path", is_rename(one)
                      ? pair_json(data::Value::string(one.before->shown()), data::Value::string(one.after->shown()))
                      : data::Value::string(entry_of(one).shown()));
  if (show_hash) {
    out.set("hash",
            is_change(one) ? pair_json(hash_json(*one.before), hash_json(*one.after)) : hash_json(entry_of(one)));
  }
  return out;
}

void print_json(const data::DataDifferences& found, const DiffFlags& flags) {
  data::Value out = data::Value::map();
  std::vector<Group> groups = groups_of(found, flags.hide_missing);
  std::swap(groups[2], groups[3]);
  for (const Group& group : groups) {
    if (found.empty()) break;
    data::Value list = data::Value::list();
    for (const data::DataDifference& one : *group.list) list.push(difference_json(one, flags.show_hash));
    out.set(group.name, std::move(list));
  }
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

void print_markdown(const data::DataDifferences& found, const DiffFlags& flags) {
  std::vector<std::string> headers = {"Status", "Path"};
  if (flags.show_hash) headers.insert(headers.begin() + 1, "Hash");
  std::vector<std::vector<std::string>> rows;
  for (const Group& group : groups_of(found, flags.hide_missing)) {
    for (const data::DataDifference& one : *group.list) {
      rows.push_back({group.name, path_text(one)});
      if (flags.show_hash) rows.back().insert(rows.back().begin() + 1, hash_text(one));
    }
  }
  print_report_table(headers, rows, true);
}

void print_text(const data::DataDifferences& found, const DiffFlags& flags) {
  std::vector<std::string> counts;
  for (const Group& group : groups_of(found, flags.hide_missing)) {
    if (group.list->empty()) continue;
    size_t files = 0;
    std::cout << group.title << ":\n";
    for (const data::DataDifference& one : *group.list) {
      const std::string path = path_text(one);
      const std::string hash = flags.show_hash ? hash_text(one) : "";
      std::cout << "    " << hash << (hash.empty() ? "" : "  ") << path << '\n';
      if (!path.ends_with('/')) ++files;
    }
    std::cout << '\n';
    if (files > 0) counts.push_back(text::concat(files, " ", group.name));
  }
  if (!counts.empty()) std::cout << "files summary: " << text::join(counts, ", ") << '\n';
}

int run_diff(DiffFlags flags) {
  // Only the workspace can have what the cache lacks.
  flags.hide_missing = flags.hide_missing || !flags.newer.empty();
  return run_in_repository(flags.data, {kDataFailed, "failed to get diff", false}, [&](data::Repository& repository) {
    data::DataDifferences found;
    try {
      found = data::data_diff(repository, flags.older, flags.newer, flags.targets);
    } catch (const Error& error) {
      // dvc gives up in another way when it is a path that does not exist.
      if (error.code() != ErrorCode::kInvalidArgument) throw;
      print_error(error.what());
      return kDataError;
    }
    if (flags.json) {
      print_json(found, flags);
    } else if (flags.markdown) {
      print_markdown(found, flags);
    } else {
      print_text(found, flags);
    }
    return kExitOk;
  });
}

}  // namespace

Command diff_command() {
  return data_command("diff", "Show how tracked data differs between two commits, or a commit and the workspace",
                      "  slipway diff HEAD~1 HEAD --json", [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<DiffFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_option("--targets", flags->targets, "Only these files and folders");
                        parser.add_flag("--json", flags->json, "Print as JSON");
                        parser.add_flag("--show-hash", flags->show_hash, "With the hashes");
                        parser.add_flag("--md", flags->markdown, "Print as a table in Markdown");
                        parser.add_flag("--hide-missing", flags->hide_missing, "Leave out what the cache lacks");
                        parser.add_option("a_rev", flags->older, "The older revision; default: HEAD");
                        parser.add_option("b_rev", flags->newer, "The newer revision; default: the workspace");
                        return [flags] { return run_diff(*flags); };
                      });
}

}  // namespace slipway::cli
