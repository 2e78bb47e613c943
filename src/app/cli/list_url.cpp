#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/listing_text.h"
#include "app/cli/source_flags.h"
#include "domains/data/downloads.h"
#include "domains/data/paths.h"
#include "domains/data/value.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct ListUrlFlags {
  DataFlags data;
  bool recursive = false;
  bool size = false;
  bool json = false;
  std::string url;
  std::vector<std::string> storage;
};

void print_json(const std::vector<remotes::FileInfo>& files) {
  data::Value out = data::Value::list();
  for (const remotes::FileInfo& file : files) {
    data::Value one = data::Value::map();
    const bool is_folder = file.path.ends_with('/');
    one.set("path", data::Value::string(is_folder ? file.path.substr(0, file.path.size() - 1) : file.path));
    one.set("isdir", data::Value::boolean(is_folder));
    one.set("size", file.size ? data::Value::digits(std::to_string(*file.size)) : data::Value());
    out.push(std::move(one));
  }
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

void print_lines(const std::vector<remotes::FileInfo>& files, bool with_size) {
  std::vector<std::vector<std::string>> rows;
  for (const remotes::FileInfo& file : files) {
    const bool is_folder = file.path.ends_with('/');
    rows.push_back({is_folder ? file.path.substr(0, file.path.size() - 1) : file.path});
    if (with_size) rows.back().insert(rows.back().begin(), file.size ? natural_size(*file.size) : "");
  }
  print_columns(rows, with_size);
}

int run_list_url(const ListUrlFlags& flags) {
  const std::string here = data::paths::current_folder();
  return run_anywhere({kDataError, "", false}, [&] {
    const auto config = data::config_around(here);
    data::SourceUrl source(flags.url, &config, here, pairs_of(flags.storage), 0);
    std::vector<remotes::FileInfo> files = flags.recursive ? source.files() : source.names();
    // A file is listed as itself.
    if (files.size() == 1 && files.front().path.empty()) files.front().path = flags.url;
    if (flags.json) {
      print_json(files);
    } else {
      print_lines(files, flags.size);
    }
    return kExitOk;
  });
}

Action declare_list_url(CLI::App& parser) {
  const auto flags = std::make_shared<ListUrlFlags>();
  declare_data_flags(parser, flags->data);
  parser.add_option("url", flags->url, "A path, s3://..., ssh://..., remote://NAME/PATH")->required();
  parser.add_flag("-R,--recursive", flags->recursive, "Every file at any depth");
  parser.add_flag("--size", flags->size, "With sizes");
  parser.add_flag("--json", flags->json, "Print as JSON");
  parser.add_option("--fs-config", flags->storage, "Options of the storage, name=value");
  return [flags] { return run_list_url(*flags); };
}

}  // namespace

Command list_url_command() {
  return data_command("list-url", "List what is at an address", "  slipway list-url s3://bucket/data -R",
                      declare_list_url);
}

Command ls_url_command() {
  return data_command("ls-url", "The same as list-url", "  slipway ls-url s3://bucket/data", declare_list_url);
}

}  // namespace slipway::cli
