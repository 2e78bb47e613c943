#include "domains/data/status.h"

#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/transfer_command.h"

namespace slipway::cli {

namespace {

constexpr size_t kColumn = 20;

struct StatusFlags {
  DataFlags data;
  bool json = false;
  bool cloud = false;
  data::TransferOptions transfer;
  data::Selection selection;
};

void show(const data::Value& value, size_t indent) {
  const std::string tabs(indent, '\t');
  if (value.is_string()) std::cout << tabs << value.text() << '\n';
  for (const data::Value& item : value.items()) show(item, indent);
  for (const data::Member& member : value.members()) {
    if (member.value.is_string()) {
      std::string word = member.value.text() + ":";
      word.resize(std::max(word.size(), kColumn), ' ');
      std::cout << tabs << word << member.key << '\n';
    } else if (!member.value.empty()) {
      std::cout << tabs << member.key << ":\n";
      show(member.value, indent + 1);
    }
  }
}

std::string nothing_to_say(data::Repository& repository, const data::StageIndex& index, const StatusFlags& flags) {
  if (index.stages().empty())
    return "There are no data or pipelines tracked in this project yet.\nStart with `slipway add`.";
  if (!flags.cloud && flags.transfer.remote.empty()) return "Data and pipelines are up to date.";
  const std::string remote =
      flags.transfer.remote.empty() ? repository.config().default_remote().value_or("") : flags.transfer.remote;
  return "Cache and remote '" + remote + "' are in sync.";
}

int run_status(const StatusFlags& flags) {
  return run_in_repository(flags.data, {kDataFailed, "", false}, [&](data::Repository& repository) {
    const bool cloud = flags.cloud || !flags.transfer.remote.empty();
    data::Value changes;
    data::StageIndex index;
    if (cloud) {
      index = repository.load_index();
      changes = data::remote_status(repository, flags.selection, flags.transfer);
    } else {
      const data::RepositoryLock lock = repository.lock();
      index = repository.load_index();
      changes = data::status(repository, index, flags.selection.targets);
    }
    if (flags.json) {
      std::cout << python_json(changes, data::KeyOrder::kAsIs) << '\n';
      return kExitOk;
    }
    if (flags.data.quiet) return changes.empty() ? kExitOk : kDataFailed;
    if (changes.empty()) {
      std::cout << nothing_to_say(repository, index, flags) << '\n';
    } else {
      show(changes, cloud ? 1 : 0);
    }
    return kExitOk;
  });
}

}  // namespace

Command status_command() {
  return data_command("status", "Show what changed in tracked data and pipelines", "  slipway status --json",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<StatusFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_flag("--json", flags->json, "Print as JSON");
                        parser.add_flag("-c,--cloud", flags->cloud, "Compare the cache with the default remote");
                        parser.add_option("-r,--remote", flags->transfer.remote, "Compare the cache with this remote");
                        parser.add_option("-j,--jobs", flags->transfer.jobs, "How many checks at a time");
                        declare_selection_flags(parser, flags->selection);
                        return [flags] { return run_status(*flags); };
                      });
}

}  // namespace slipway::cli
