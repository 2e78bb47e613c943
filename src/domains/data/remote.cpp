#include "domains/data/remote.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/remote_objects.h"
#include "domains/data/run_cache.h"
#include "foundation/base/error.h"
#include "foundation/base/progress.h"

namespace slipway::data {

namespace {

// A tracked file, a folder, or a file in one.
struct Item {
  ObjectName name;
  std::string shown;
};

// A recorded folder with what it holds.
struct Folder {
  Item item;
  Tree tree;
};

RemoteSettings settings_of(Repository& repository, const std::string& wanted) {
  const std::string name = wanted.empty() ? repository.config().default_remote().value_or("") : wanted;
  if (name.empty()) {
    throw invalid_argument("config file error: no remote specified in ", repository.root(),
                           ". Create a default remote with\n    slipway remote add -d <remote name> <remote url>");
  }
  auto found = repository.config().find_remote(name);
  if (!found) throw invalid_argument("config file error: remote '", name, "' doesn't exist");
  return *found;
}

class Transfer {
 public:
  Transfer(Repository& repository, const TransferOptions& options)
      : repository_(repository),
        settings_(settings_of(repository, options.remote)),
        remote_(settings_, transfer_jobs(settings_, options.jobs)) {}

  const RemoteObjects& remote() const { return remote_; }

  // What the targets record, without outputs that stay here.
  std::vector<Item> recorded(const std::vector<std::string>& targets, bool for_push) {
    const StageIndex index = repository_.load_index();
    std::vector<Target> chosen;
    for (const std::string& target : targets) {
      for (const Target& found : index.find_targets(target, repository_.seen_from())) chosen.push_back(found);
    }
    for (size_t i = 0; targets.empty() && i < index.stages().size(); ++i) chosen.push_back({i, ""});
    std::vector<Item> out;
    for (const Target& target : chosen) {
      for (const Output& output : index.stages()[target.stage].outs) {
        const bool wanted = target.only.empty() || paths::overlap(target.only, output.absolute);
        if (!wanted || !output.cache || output.record.hash.empty() || (for_push && !output.push)) continue;
        if (!output.remote.empty() && output.remote != settings_.name) continue;
        out.push_back({{output.record.hash, output.record.kind()}, repository_.shown(output.absolute)});
      }
    }
    return out;
  }

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
    const auto send = [this](const Item& item) {
      if (!cache().contains(item.name.hash, item.name.kind)) return false;
      remote_.send(cache(), item.name, [](uint64_t) {});
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
    const auto receive = [this](const Item& item) {
      try {
        remote_.receive(cache(), item.name, [](uint64_t) {});
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kNotFound) throw;
        return false;
      }
      return true;
    };
    std::vector<Item> files;
    std::vector<Item> trees;
    for (const Item& item : distinct(items)) (is_tree_hash(item.name.hash) ? trees : files).push_back(item);
    const std::set<ObjectName> left = move("Fetching", not_cached(trees), receive, result);
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
    std::set<ObjectName> seen;
    for (const Item& item : items) {
      if (seen.insert(item.name).second) out.push_back(item);
    }
    return out;
  }

  static std::vector<ObjectName> names_of(const std::vector<Item>& items) {
    std::vector<ObjectName> out;
    for (const Item& item : items) out.push_back(item.name);
    return out;
  }

  static void add_children(const std::vector<Folder>& folders, std::vector<Item>& files) {
    for (const Folder& folder : folders) {
      for (const TreeEntry& entry : folder.tree.entries) {
        files.push_back({{entry.md5, folder.item.name.kind}, folder.item.shown + "/" + entry.path});
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
    return out;
  }

  // Calls `one` for each, several at a time; it says false for what neither side has, and throws data_loss for what is
  // damaged. Both are given. Any other error ends it: it would meet the next one too.
  std::set<ObjectName> move(const char* label, const std::vector<Item>& items,
                            const std::function<bool(const Item&)>& one, TransferResult& result) const {
    Progress progress(label, items.size());
    std::vector<char> moved(items.size(), 0);
    std::vector<std::string> damage(items.size());
    parallel_for(
        items.size(), remote_.jobs(),
        [&](size_t i) {
          try {
            moved[i] = one(items[i]) ? 1 : 0;
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

TransferResult push(Repository& repository, const std::vector<std::string>& targets, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  TransferResult result;
  Transfer transfer(repository, options);
  transfer.push(transfer.recorded(targets, true), result);
  if (options.run_cache) result.transferred += RunCache(repository.store()).push_to(transfer.remote().store());
  return result;
}

TransferResult fetch(Repository& repository, const std::vector<std::string>& targets, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  TransferResult result;
  Transfer transfer(repository, options);
  transfer.fetch(transfer.recorded(targets, false), result);
  if (options.run_cache) result.transferred += RunCache(repository.store()).fetch_from(transfer.remote().store());
  return result;
}

Value remote_status(Repository& repository, const std::vector<std::string>& targets, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  Transfer transfer(repository, options);
  std::map<std::string, Item> items;
  for (const Item& item : transfer.recorded(targets, true)) {
    items.emplace(item.shown, item);
    if (!is_tree_hash(item.name.hash)) continue;
    const bool here = repository.store().contains(item.name.hash, item.name.kind);
    if (!here && !transfer.remote().contains(item.name)) continue;
    const Tree tree =
        here ? repository.store().read_tree(item.name.hash, item.name.kind) : transfer.remote().read_tree(item.name);
    for (const TreeEntry& entry : tree.entries) {
      const std::string shown = item.shown + "/" + entry.path;
      items.emplace(shown, Item{{entry.md5, item.name.kind}, shown});
    }
  }
  std::vector<ObjectName> names;
  for (const auto& [shown, item] : items) names.push_back(item.name);
  const std::set<ObjectName> remote = transfer.remote().existing(names);
  Value out = Value::map();
  for (const auto& [shown, item] : items) {
    const bool here = repository.store().contains(item.name.hash, item.name.kind);
    const bool there = remote.contains(item.name);
    if (here && there) continue;
    out.set(shown, Value::string(here ? "new" : there ? "deleted" : "missing"));
  }
  return out;
}

}  // namespace slipway::data
