#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/listing_text.h"
#include "app/cli/source_flags.h"
#include "domains/data/paths.h"
#include "domains/data/value.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct ListFlags {
  DataFlags data;
  SourceFlags from;
  bool recursive = false;
  bool tree = false;
  std::optional<size_t> level;
  bool dvc_only = false;
  bool json = false;
  bool size = false;
  bool show_hash = false;
  std::string url;
  std::string path;
};

using Files = std::vector<data::ListedFile>;

size_t depth_of(const std::string& path) { return static_cast<size_t>(std::count(path.begin(), path.end(), '/')) + 1; }

Files find_files(const ListFlags& flags, std::optional<size_t> depth) {
  data::SourceRepository source(flags.url, data::paths::current_folder(), flags.from.options());
  data::ListOptions options;
  options.outputs_only = flags.dvc_only;
  options.depth = depth;
  return source.list(flags.path, options);
}

void print_json(const Files& files) {
  data::Value out = data::Value::list();
  for (const data::ListedFile& file : files) {
    data::Value one = data::Value::map();
    one.set("isout", data::Value::boolean(file.is_output));
    one.set("isdir", data::Value::boolean(file.is_folder));
    one.set("isexec", data::Value::boolean(file.executable));
    one.set("size", file.size ? data::Value::digits(std::to_string(*file.size)) : data::Value());
    one.set("md5", file.hash.empty() ? data::Value() : data::Value::string(file.hash));
    one.set("path", data::Value::string(file.path));
    out.push(std::move(one));
  }
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

std::vector<std::string> row_of(const data::ListedFile& file, const std::string& name, const ListFlags& flags) {
  std::vector<std::string> out;
  if (flags.size) out.push_back(file.size && (*file.size > 0 || !file.is_folder) ? natural_size(*file.size) : "");
  if (flags.show_hash) out.push_back(file.hash.empty() ? "-" : file.hash);
  out.push_back(name);
  return out;
}

int list_plain(const ListFlags& flags) {
  const std::optional<size_t> depth = flags.recursive ? flags.level : 1;
  Files files = find_files(flags, depth);
  // A recursive list names folders only where it stops.
  std::erase_if(files, [&](const data::ListedFile& file) {
    return flags.recursive && file.is_folder && !(depth && (*depth == 0 || depth_of(file.path) >= *depth));
  });
  if (flags.json) {
    print_json(files);
    return kExitOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const data::ListedFile& file : files) rows.push_back(row_of(file, file.path, flags));
  print_columns(rows, flags.size);
  return kExitOk;
}

class TreeRows {
 public:
  TreeRows(const Files& files, const ListFlags& flags) : flags_(flags) {
    for (const data::ListedFile& file : files) below_[data::paths::parent(file.path)].push_back(&file);
  }

  std::vector<std::vector<std::string>> rows(const data::ListedFile& top, const std::string& name) {
    rows_.push_back(row_of(top, name, flags_));
    add("", "");
    return std::move(rows_);
  }

 private:
  void add(const std::string& folder, const std::string& prefix) {
    const auto& list = below_[folder.empty() ? "." : folder];
    for (size_t i = 0; i < list.size(); ++i) {
      const bool is_last = i + 1 == list.size();
      const std::string name = data::paths::name(list[i]->path);
      rows_.push_back(row_of(*list[i], text::concat(prefix, is_last ? "└── " : "├── ", name), flags_));
      if (list[i]->is_folder) add(list[i]->path, prefix + (is_last ? "    " : "│   "));
    }
  }

  const ListFlags& flags_;
  std::map<std::string, std::vector<const data::ListedFile*>> below_;
  std::vector<std::vector<std::string>> rows_;
};

int list_tree(const ListFlags& flags) {
  const Files self = find_files(flags, 0);
  Files files;
  const bool is_open = flags.level != 0 && self.front().is_folder;
  if (is_open) files = find_files(flags, flags.level);
  const std::string name = flags.path.empty() ? "." : flags.path;
  print_columns(TreeRows(files, flags).rows(self.front(), name), flags.size);
  return kExitOk;
}

int run_list(const ListFlags& flags) {
  if (flags.tree && flags.json) {
    print_error("Cannot use --tree and --json options together.");
    return kDataError;
  }
  return run_anywhere({kDataFailed, text::concat("failed to list '", flags.url, "'"), false},
                      [&] { return flags.tree ? list_tree(flags) : list_plain(flags); });
}

Action declare_list(CLI::App& parser) {
  const auto flags = std::make_shared<ListFlags>();
  declare_data_flags(parser, flags->data);
  declare_source_flags(parser, flags->from);
  parser.add_option("url", flags->url, "A Git repository: a folder, https://..., git@host:...")->required();
  parser.add_option("path", flags->path, "A file or folder in it");
  parser.add_flag("-R,--recursive", flags->recursive, "Every file at any depth");
  parser.add_flag("-T,--tree", flags->tree, "As a tree");
  parser.add_option("-L,--level", flags->level, "No deeper than this, with -R and -T");
  parser.add_flag("--dvc-only", flags->dvc_only, "Only tracked data");
  parser.add_flag("--json", flags->json, "Print as JSON");
  parser.add_flag("--size", flags->size, "With sizes");
  parser.add_flag("--show-hash", flags->show_hash, "With hashes");
  return [flags] { return run_list(*flags); };
}

}  // namespace

Command list_command() {
  return data_command("list", "List the files of a repository, tracked data among them",
                      "  slipway list . data -R --size", declare_list);
}

Command ls_command() { return data_command("ls", "The same as list", "  slipway ls . --rev HEAD~1", declare_list); }

}  // namespace slipway::cli
