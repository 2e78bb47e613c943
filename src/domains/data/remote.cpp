#include "domains/data/remote.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "domains/data/imports.h"
#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/remote_objects.h"
#include "domains/data/run_cache.h"
#include "domains/data/status.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/base/progress.h"

namespace slipway::data {

namespace {

// A tracked file, a folder, or a file in one.
struct Item {
  ObjectName name;
  std::string shown;
  std::string only;  // of a folder: the path in it when only that is meant
};

// A recorded folder with what it holds.
struct Folder {
  Item item;
  Tree tree;
};

RemoteSettings settings_of(Repository& repository, const std::string& wanted) {
  const std::string name = wanted.empty() ? repository.config().default_remote().value_or("") : wanted;
  if (name.empty()) {
    const bool has_some = !repository.config().remotes().empty();
    throw invalid_argument("config file error: no remote specified in ", repository.root(),
                           has_some
                               ? ". Setup default remote with\n    slipway remote default <remote name>\nor name one "
                                 "with -r <remote name>"
                               : ". Create a default remote with\n    slipway remote add -d <remote name> "
                                 "<remote url>");
  }
  auto found = repository.config().find_remote(name);
  if (!found) throw invalid_argument("config file error: remote '", name, "' doesn't exist");
  return *found;
}

// By the name of the remote. What goes to the default one, which has no name here, comes last: when there is none, the
// rest has been moved.
using ItemsByRemote = std::map<std::string, std::vector<Item>, std::greater<>>;

// What moves over which remote. Outputs that name one go there, unless another was asked for.
ItemsByRemote by_remote(Repository& repository, const std::vector<SelectedData>& data, const std::string& wanted,
                        bool for_push) {
  if (!wanted.empty()) settings_of(repository, wanted);
  ItemsByRemote out;
  for (const SelectedData& one : data) {
    if (one.import || (for_push && !one.push)) continue;
    if (!wanted.empty() && !one.remote.empty() && !text::equal_ignoring_case(one.remote, wanted)) continue;
    // A part of a folder goes with all of it: the folder's object on a remote is proof that its files are there.
    const std::string only = for_push ? "" : one.only;
    out[wanted.empty() ? text::lower(one.remote) : wanted].push_back(
        {{one.record.hash, one.record.kind()}, one.shown, only});
  }
  return out;
}

class Transfer {
 public:
  // An empty name means the default remote.
  Transfer(Repository& repository, const std::string& remote, size_t jobs)
      : repository_(repository),
        settings_(settings_of(repository, remote)),
        remote_(settings_, transfer_jobs(settings_, jobs)) {
    log::debug("using remote", {{"name", settings_.name}, {"jobs", text::concat(remote_.jobs())}});
  }

  const RemoteObjects& remote() const { return remote_; }

  // Files first; a folder's own object only when all of it is there.
  void push(const std::vector<Item>& items, TransferResult& result) {
    std::vector<Item> files;
    std::vector<Folder> folders;
    for (const Item& item : distinct(items)) {
      if (!is_tree_hash(item.name.hash)) {
        files.push_back(item);
      } else if (remote_.contains(item.name)) {
        // It is proof that its files are there too.
      } else if (!cache().contains(item.name.hash, item.name.kind)) {
        result.missing.push_back(item.shown);
      } else {
        folders.push_back({item, cache().read_tree(item.name.hash, item.name.kind)});
      }
    }
    add_children(folders, files);
    const std::set<ObjectName> there = remote_.existing(names_of(files));
    std::vector<Item> missing_there;
    for (const Item& file : files) {
      if (!there.contains(file.name)) missing_there.push_back(file);
    }
    log::debug("compared with the remote",
               {{"objects", text::concat(files.size())}, {"lacking", text::concat(missing_there.size())}});
    const auto send = [this](const Item& item, const RemoteObjects::Moved& moved) {
      if (!cache().contains(item.name.hash, item.name.kind)) return false;
      remote_.send(cache(), item.name, moved);
      return true;
    };
    const std::set<ObjectName> left = move("Pushing", missing_there, send, result);
    std::vector<Item> complete;
    for (const Folder& folder : folders) {
      if (is_complete(folder, left)) complete.push_back(folder.item);
    }
    move("Pushing", complete, send, result);
  }

  void fetch(const std::vector<Item>& items, TransferResult& result) {
    const auto receive = [this](const Item& item, const RemoteObjects::Moved& moved) {
      try {
        remote_.receive(cache(), item.name, moved);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kNotFound) throw;
        return false;
      }
      return true;
    };
    std::vector<Item> files;
    std::vector<Item> trees;
    for (const Item& item : distinct(items)) (is_tree_hash(item.name.hash) ? trees : files).push_back(item);
    const std::set<ObjectName> left = move("Fetching", not_cached(one_of_each(trees)), receive, result);
    std::vector<Folder> folders;
    for (const Item& item : trees) {
      if (!left.contains(item.name)) folders.push_back({item, cache().read_tree(item.name.hash, item.name.kind)});
    }
    add_children(folders, files);
    move("Fetching", not_cached(files), receive, result);
  }

 private:
  const ObjectStore& cache() const { return repository_.store(); }

  static std::vector<Item> distinct(const std::vector<Item>& items) {
    std::vector<Item> out;
    std::set<std::pair<ObjectName, std::string>> seen;
    for (const Item& item : items) {
      if (seen.emplace(item.name, item.only).second) out.push_back(item);
    }
    return out;
  }

  // Parts of one folder share its object.
  static std::vector<Item> one_of_each(const std::vector<Item>& items) {
    std::vector<Item> out = items;
    for (Item& item : out) item.only.clear();
    return distinct(out);
  }

  static std::vector<ObjectName> names_of(const std::vector<Item>& items) {
    std::vector<ObjectName> out;
    for (const Item& item : items) out.push_back(item.name);
    return out;
  }

  static void add_children(const std::vector<Folder>& folders, std::vector<Item>& files) {
    for (const Folder& folder : folders) {
      for (const TreeEntry& entry : folder.tree.entries) {
        if (!folder.item.only.empty() && !paths::inside(entry.path, folder.item.only)) continue;
        files.push_back({{entry.md5, folder.item.name.kind}, folder.item.shown + "/" + entry.path, ""});
      }
    }
    files = distinct(files);
  }

  static bool is_complete(const Folder& folder, const std::set<ObjectName>& left) {
    return std::none_of(folder.tree.entries.begin(), folder.tree.entries.end(), [&](const TreeEntry& entry) {
      return left.contains({entry.md5, folder.item.name.kind});
    });
  }

  std::vector<Item> not_cached(const std::vector<Item>& items) const {
    std::vector<char> cached(items.size(), 0);
    parallel_for(items.size(), default_jobs(),
                 [&](size_t i) { cached[i] = cache().contains(items[i].name.hash, items[i].name.kind) ? 1 : 0; });
    std::vector<Item> out;
    for (size_t i = 0; i < items.size(); ++i) {
      if (cached[i] == 0) out.push_back(items[i]);
    }
    log::debug("compared with the cache",
               {{"objects", text::concat(items.size())}, {"lacking", text::concat(out.size())}});
    return out;
  }

  // Calls `one` for each, several at a time; it says false for what neither side has, and throws data_loss for what is
  // damaged. Both are given. Any other error ends it: it would meet the next one too.
  std::set<ObjectName> move(const char* label, const std::vector<Item>& items,
                            const std::function<bool(const Item&, const RemoteObjects::Moved&)>& one,
                            TransferResult& result) const {
    Progress progress(label, items.size());
    const RemoteObjects::Moved moved_bytes = [&](uint64_t bytes) { progress.add_bytes(bytes); };
    std::vector<char> moved(items.size(), 0);
    std::vector<std::string> damage(items.size());
    parallel_for(
        items.size(), remote_.jobs(),
        [&](size_t i) {
          try {
            moved[i] = one(items[i], moved_bytes) ? 1 : 0;
            log::debug(moved[i] != 0 ? "moved" : "nobody has it",
                       {{"by", label}, {"path", items[i].shown}, {"object", items[i].name.hash}});
          } catch (const Error& error) {
            if (error.code() != ErrorCode::kDataLoss) throw;
            damage[i] = error.what();
          }
          progress.add();
        },
        1);
    std::set<ObjectName> out;
    for (size_t i = 0; i < items.size(); ++i) {
      if (moved[i] != 0) {
        ++result.transferred;
      } else {
        out.insert(items[i].name);
        if (damage[i].empty()) {
          result.missing.push_back(items[i].shown);
        } else {
          result.damaged.push_back(text::concat(items[i].shown, ": ", damage[i]));
        }
      }
    }
    return out;
  }

  Repository& repository_;
  const RemoteSettings settings_;
  const RemoteObjects remote_;
};

}  // namespace

TransferResult push(Repository& repository, const Selection& selection, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  const Selected selected = select(repository, selection);
  TransferResult result;
  result.skipped = selected.skipped;
  auto groups = by_remote(repository, selected.data, options.remote, true);
  if (options.run_cache) groups.try_emplace(options.remote);
  for (const auto& [name, items] : groups) {
    Transfer transfer(repository, name, options.jobs);
    if (options.run_cache && name == options.remote) {
      result.transferred += RunCache(repository.store()).push_to(transfer.remote().store());
    }
    transfer.push(items, result);
  }
  return result;
}

TransferResult fetch(Repository& repository, const Selection& selection, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  const Selected selected = select(repository, selection);
  TransferResult result;
  result.skipped = selected.skipped;
  auto groups = by_remote(repository, selected.data, options.remote, false);
  if (options.run_cache) groups.try_emplace(options.remote);
  for (const auto& [name, items] : groups) {
    // Without any remote there is nothing to bring; what the cache lacks is told by who needs it.
    if (name.empty() && !repository.config().default_remote()) continue;
    Transfer transfer(repository, name, options.jobs);
    if (options.run_cache && name == options.remote) {
      result.transferred += RunCache(repository.store()).fetch_from(transfer.remote().store());
    }
    transfer.fetch(items, result);
  }
  for (const SelectedData& one : selected.data) {
    if (!one.import || (!one.record.hash.empty() && is_cached(repository.store(), one.record))) continue;
    try {
      const Record record = fetch_import(repository, *one.import, options.jobs);
      result.transferred += record.file_count.value_or(0) + 1;
      if (one.record.hash.empty()) {
        record_import(repository, *one.import, record);
      } else if (record.hash != one.record.hash) {
        throw data_loss("its source has other content than what is recorded");
      }
    } catch (const Error& error) {
      // The other imports have nothing to do with it.
      result.damaged.push_back(text::concat(one.shown, ": ", error.what()));
    }
  }
  return result;
}

void send_record(Repository& repository, const Record& record, const std::string& shown,
                 const TransferOptions& options) {
  TransferResult result;
  Transfer(repository, options.remote, options.jobs).push({{{record.hash, record.kind()}, shown, ""}}, result);
  if (!result.missing.empty() || !result.damaged.empty()) throw data_loss("'", shown, "' could not be sent whole");
}

namespace {

void compare(Repository& repository, const Transfer& transfer, const std::vector<Item>& recorded, Value& out) {
  const auto is_here = [&](const Item& item) { return repository.store().contains(item.name.hash, item.name.kind); };
  std::map<std::string, Item> items;
  for (const Item& item : recorded) {
    items.emplace(item.shown, item);
    if (!is_tree_hash(item.name.hash) || (!is_here(item) && !transfer.remote().contains(item.name))) continue;
    const Tree tree = is_here(item) ? repository.store().read_tree(item.name.hash, item.name.kind)
                                    : transfer.remote().read_tree(item.name);
    for (const TreeEntry& entry : tree.entries) {
      const std::string shown = item.shown + "/" + entry.path;
      items.emplace(shown, Item{{entry.md5, item.name.kind}, shown, ""});
    }
  }
  std::vector<ObjectName> names;
  for (const auto& [shown, item] : items) names.push_back(item.name);
  const std::set<ObjectName> remote = transfer.remote().existing(names);
  for (const auto& [shown, item] : items) {
    const bool here = is_here(item);
    const bool there = remote.contains(item.name);
    if (here && there) continue;
    out.set(shown, Value::string(here ? "new" : there ? "deleted" : "missing"));
  }
}

}  // namespace

Value remote_status(Repository& repository, const Selection& selection, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  Value out = Value::map();
  for (const auto& [name, items] : by_remote(repository, select(repository, selection).data, options.remote, true)) {
    compare(repository, Transfer(repository, name, options.jobs), items, out);
  }
  return out;
}

}  // namespace slipway::data
