#include "domains/data/downloads.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "domains/data/imports.h"
#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

// A store beside the target for as long as the download takes: what arrives is checked in it, and files get their names
// by a rename on the same disk.
class Landing {
 public:
  explicit Landing(const std::string& target)
      : folder_(text::concat(paths::parent(target), "/.slipway-get-", ::getpid())), store_(folder_) {
    files::create_folders(folder_);
  }
  ~Landing() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;

  const ObjectStore& store() const { return store_; }

  void place(const Record& record, const std::string& target) const {
    const std::string draft = folder_ + "/whole";
    if (record.is_folder()) {
      files::create_folders(draft);
      const Tree tree = store_.read_tree(record.hash);
      for (const TreeEntry& entry : tree.entries) files::create_folders(paths::parent(draft + "/" + entry.path));
      parallel_for(tree.entries.size(), default_jobs(), [&](size_t i) {
        const TreeEntry& entry = tree.entries[i];
        store_.place(entry.md5, draft + "/" + entry.path, {LinkKind::kReflink, LinkKind::kCopy}, false);
      });
    } else {
      store_.place(record.hash, draft, {LinkKind::kReflink, LinkKind::kCopy}, record.executable);
    }
    std::filesystem::remove_all(target);
    std::filesystem::rename(draft, target);
  }

 private:
  const std::string folder_;
  const ObjectStore store_;
};

}  // namespace

void download_from_repository(const std::string& url, const std::string& path, const SourceOptions& source,
                              const DownloadTarget& target) {
  const std::string full = destination_of(path, target.out, target.base, target.force);
  if (full.ends_with(".dvc") || paths::name(full) == "dvc.yaml") {
    throw invalid_argument("the given path is a DVC file, you must specify a data file or a directory");
  }
  SourceRepository from(url, target.base, source);
  const SourceTree tree = from.find(path);
  const Landing landing(full);
  landing.place(from.keep(path, tree, landing.store()), full);
}

void download_from_url(SourceUrl& source, const std::string& url, const DownloadTarget& target) {
  const std::string full = destination_of(url, target.out, target.base, target.force);
  const Landing landing(full);
  landing.place(source.keep(landing.store()), full);
}

Config config_around(const std::string& folder) {
  return Config::load(Repository::discover(folder).value_or(folder) + "/.dvc");
}

}  // namespace slipway::data
