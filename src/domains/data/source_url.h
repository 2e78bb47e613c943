// Data at an address outside of any repository: a folder, a web server, a bucket. Used by import-url, get-url and
// list-url.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domains/data/config.h"
#include "domains/data/objects.h"
#include "domains/data/stage.h"
#include "foundation/remotes/remote_store.h"

namespace slipway::data {

class SourceUrl {
 public:
  // `config` knows remotes ("remote://name/path") and may be nullptr; folders start at `base`; `options` go over what
  // the configuration says. Throws as remotes::open_remote does.
  SourceUrl(const std::string& url, const Config* config, const std::string& base,
            const std::map<std::string, std::string>& options, size_t jobs);

  bool is_local() const { return is_local_; }
  // Every file, paths from the address on; the address itself has the empty path. Throws not_found.
  std::vector<remotes::FileInfo> files();
  // The names at the address only, folders without size and with a slash at the end.
  std::vector<remotes::FileInfo> names();
  // Keeps the content in the store.
  Record keep(const ObjectStore& store);
  // What is recorded about it in a .dvc file beside its path: by what the storage itself calls this content where it
  // has a name for it, else by `content`.
  Value identity(const Record& content);
  // The same without reading the content; nothing where only reading tells.
  std::optional<Value> quick_identity();

 private:
  const std::string url_;
  std::string scheme_;
  bool is_local_ = false;
  size_t jobs_;
  std::unique_ptr<remotes::RemoteStore> store_;
};

}  // namespace slipway::data
