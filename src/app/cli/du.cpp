#include <iostream>
#include <map>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/listing_text.h"
#include "app/cli/source_flags.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct DiskUsageFlags {
  DataFlags data;
  SourceFlags from;
  bool summarize = false;
  std::string url;
  std::string path;
};

struct Usage {
  uint64_t known = 0;
  bool is_complete = true;
  std::optional<uint64_t> recorded;  // of a tracked folder as a whole

  uint64_t bytes() const { return !is_complete && recorded ? *recorded : known; }
};

std::string first_name(const std::string& path) { return path.substr(0, path.find('/')); }

int run_du(const DiskUsageFlags& flags) {
  return run_anywhere({kDataError, "", false}, [&] {
    data::SourceRepository source(flags.url, data::paths::current_folder(), flags.from.options());
    data::ListOptions options;
    options.with_metafiles = false;
    const auto files = source.list(flags.path, options);
    const bool is_file = files.size() == 1 && !files.front().is_folder &&
                         files.front().path == data::paths::name(flags.path) && !flags.path.empty();
    std::map<std::string, Usage> usages;
    for (const data::ListedFile& file : files) {
      Usage& usage = usages[first_name(file.path)];
      if (file.is_folder) {
        // What lies in the workspace counts as it is.
        const bool is_only_recorded = file.size == file.recorded;
        if (is_only_recorded && file.path.find('/') == std::string::npos) usage.recorded = file.recorded;
        continue;
      }
      usage.known += file.size.value_or(0);
      usage.is_complete = usage.is_complete && file.size.has_value();
    }
    uint64_t total = 0;
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, usage] : usages) {
      total += usage.bytes();
      const std::string path = flags.path.empty() ? name : data::paths::clean(flags.path + "/" + name);
      if (!flags.summarize && !is_file) rows.push_back({natural_size(usage.bytes()), path});
    }
    rows.push_back({natural_size(total), flags.path});
    print_columns(rows, false);
    return kExitOk;
  });
}

}  // namespace

Command du_command() {
  return data_command("du", "Show how much room the files of a repository take", "  slipway du . data",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<DiskUsageFlags>();
                        declare_data_flags(parser, flags->data);
                        declare_source_flags(parser, flags->from);
                        parser.add_option("url", flags->url, "A Git repository: a folder, https://...")->required();
                        parser.add_option("path", flags->path, "A file or folder in it");
                        parser.add_flag("-s,--summarize", flags->summarize, "Only the sum");
                        return [flags] { return run_du(*flags); };
                      });
}

}  // namespace slipway::cli
