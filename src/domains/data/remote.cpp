#include "domains/data/remote.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/run_cache.h"
#include "foundation/base/error.h"
#include "foundation/base/progress.h"

namespace slipway::data {

namespace {

// A tracked file, a folder, or a file in one.
struct Item {
  std::string hash;
  ObjectKind kind = ObjectKind::kCurrent;
  std::string shown;
};

RemoteSettings settings_of(Repository& repository, const std::string& wanted) {
  const std::string name = wanted.empty() ? repository.config().default_remote().value_or("") : wanted;
  if (name.empty()) {
    throw invalid_argument("config file error: no remote specified in ", repository.root(),
                           ". Create a default remote with\n    slipway remote add -d <remote name> <remote url>");
  }
  auto found = repository.config().find_remote(name);
  if (!found) throw invalid_argument("config file error: remote '", name, "' doesn't exist");
  if (found->url.starts_with("file://")) found->url = found->url.substr(7);
  if (!is_local_url(found->url)) {
    throw Error(ErrorCode::kUnimplemented,
                text::concat("remote '", name, "' has the URL '", found->url, "'; only folders can be reached so far"));
  }
  return *found;
}

class Transfer {
 public:
  Transfer(Repository& repository, const TransferOptions& options)
      : repository_(repository),
        settings_(settings_of(repository, options.remote)),
        remote_(settings_.url),
        jobs_(options.jobs != 0 ? options.jobs : jobs_of(settings_)) {}

  const ObjectStore& remote() const { return remote_; }

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
        out.push_back({output.record.hash, output.record.kind(), repository_.shown(output.absolute)});
      }
    }
    return out;
  }

  // Moves `items` from one store to the other where the other lacks them: files first, then the folders that are
  // complete there.
  void move(const std::vector<Item>& items, const ObjectStore& from, const ObjectStore& to, TransferResult& result) {
    std::vector<Item> files;
    std::vector<std::pair<Item, Tree>> folders;
    std::set<std::string> seen;
    for (const Item& item : items) {
      if (!seen.insert(item.hash).second) continue;
      if (!is_tree_hash(item.hash)) {
        files.push_back(item);
        continue;
      }
      const ObjectStore* holder = from.contains(item.hash, item.kind) ? &from
                                  : to.contains(item.hash, item.kind) ? &to
                                                                      : nullptr;
      if (holder == nullptr) {
        result.missing.push_back(item.shown);
        continue;
      }
      folders.emplace_back(item, holder->read_tree(item.hash, item.kind));
      for (const TreeEntry& entry : folders.back().second.entries) {
        if (seen.insert(entry.md5).second) files.push_back({entry.md5, item.kind, item.shown + "/" + entry.path});
      }
    }
    const std::set<std::string> absent = move_files(files, from, to, result);
    for (const auto& [item, tree] : folders) {
      const bool complete = std::none_of(tree.entries.begin(), tree.entries.end(),
                                         [&](const TreeEntry& entry) { return absent.contains(entry.md5); });
      if (!complete || to.contains(item.hash, item.kind)) continue;
      to.copy_from(from, item.hash, item.kind);
      ++result.transferred;
    }
  }

 private:
  static size_t jobs_of(const RemoteSettings& settings) {
    const auto set = settings.options.find("jobs");
    if (set == settings.options.end()) return default_jobs() * 2;
    const auto number = text::parse_int(set->second);
    if (!number || *number < 1)
      throw invalid_argument("config file error: 'jobs' of remote '", settings.name, "' must be a number");
    return static_cast<size_t>(*number);
  }
  // The hashes that neither side has.
  std::set<std::string> move_files(const std::vector<Item>& files, const ObjectStore& from, const ObjectStore& to,
                                   TransferResult& result) const {
    Progress progress("Transferring", files.size());
    std::vector<char> absent(files.size(), 0);
    std::atomic<size_t> moved = 0;
    parallel_for(files.size(), jobs_, [&](size_t i) {
      const Item& item = files[i];
      if (!to.contains(item.hash, item.kind)) {
        if (from.contains(item.hash, item.kind)) {
          to.copy_from(from, item.hash, item.kind);
          ++moved;
        } else {
          absent[i] = 1;
        }
      }
      progress.add();
    });
    result.transferred += moved;
    std::set<std::string> out;
    for (size_t i = 0; i < files.size(); ++i) {
      if (absent[i] == 0) continue;
      out.insert(files[i].hash);
      result.missing.push_back(files[i].shown);
    }
    return out;
  }

  Repository& repository_;
  const RemoteSettings settings_;
  const ObjectStore remote_;
  const size_t jobs_;
};

}  // namespace

TransferResult push(Repository& repository, const std::vector<std::string>& targets, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  TransferResult result;
  Transfer transfer(repository, options);
  transfer.move(transfer.recorded(targets, true), repository.store(), transfer.remote(), result);
  if (options.run_cache) result.transferred += RunCache(repository.store()).copy_to(transfer.remote().root());
  return result;
}

TransferResult fetch(Repository& repository, const std::vector<std::string>& targets, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  TransferResult result;
  Transfer transfer(repository, options);
  transfer.move(transfer.recorded(targets, false), transfer.remote(), repository.store(), result);
  if (options.run_cache) result.transferred += RunCache(transfer.remote()).copy_to(repository.store().root());
  return result;
}

Value remote_status(Repository& repository, const std::vector<std::string>& targets, const TransferOptions& options) {
  const RepositoryLock lock = repository.lock();
  Transfer transfer(repository, options);
  std::map<std::string, Item> items;
  for (const Item& item : transfer.recorded(targets, true)) {
    items.emplace(item.shown, item);
    if (!is_tree_hash(item.hash)) continue;
    for (const ObjectStore* store : {&repository.store(), &transfer.remote()}) {
      if (!store->contains(item.hash, item.kind)) continue;
      for (const TreeEntry& entry : store->read_tree(item.hash, item.kind).entries) {
        const std::string shown = item.shown + "/" + entry.path;
        items.emplace(shown, Item{entry.md5, item.kind, shown});
      }
      break;
    }
  }
  Value out = Value::map();
  for (const auto& [shown, item] : items) {
    const bool here = repository.store().contains(item.hash, item.kind);
    const bool there = transfer.remote().contains(item.hash, item.kind);
    if (here && there) continue;
    out.set(shown, Value::string(here ? "new" : there ? "deleted" : "missing"));
  }
  return out;
}

}  // namespace slipway::data
