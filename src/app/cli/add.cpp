#include "domains/data/add.h"

#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/value.h"

namespace slipway::cli {

namespace {

struct AddFlags {
  DataFlags data;
  data::AddOptions add;
  bool no_relink = false;
  bool json = false;
  std::vector<std::string> targets;
};

void print_json(const std::vector<data::Added>& added) {
  data::Value out = data::Value::list();
  for (const data::Added& one : added) {
    data::Value item = data::Value::map();
    item.set("path", data::Value::string(one.path));
    item.set("file", data::Value::string(one.file));
    item.set("md5", data::Value::string(one.record.hash));
    item.set("size", data::Value::integer(static_cast<int64_t>(one.record.size.value_or(0))));
    if (one.record.file_count) item.set("nfiles", data::Value::integer(static_cast<int64_t>(*one.record.file_count)));
    out.push(std::move(item));
  }
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

int run_add(const AddFlags& flags) {
  const DataWork how{kDataFailed, "", !flags.json};
  return run_in_repository(flags.data, how, [&](data::Repository& repository) {
    data::AddOptions options = flags.add;
    options.relink = !flags.no_relink;
    const auto added = data::add(repository, flags.targets, options);
    if (flags.json) print_json(added);
    return kExitOk;
  });
}

}  // namespace

Command add_command() {
  return data_command(
      "add", "Track files or folders: keep their content in the cache, write .dvc files", "  slipway add data/",
      [](CLI::App& parser) -> Action {
        const auto flags = std::make_shared<AddFlags>();
        declare_data_flags(parser, flags->data);
        parser.add_flag("--no-commit", flags->add.no_commit, "Record the hashes only, keep nothing in the cache");
        parser.add_flag("--glob", flags->add.glob, "Targets are patterns");
        parser.add_flag("--no-relink", flags->no_relink, "Leave the files in the workspace as they are");
        parser.add_flag("--json", flags->json, "Print what was added as JSON");
        parser.add_option("targets", flags->targets, "Files and folders")->required();
        return [flags] { return run_add(*flags); };
      });
}

}  // namespace slipway::cli
