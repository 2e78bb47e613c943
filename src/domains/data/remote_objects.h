// The objects of a remote in DVC's layout: which are there, bringing them, sending them. Used by push, fetch and
// status.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "domains/data/config.h"
#include "domains/data/objects.h"
#include "foundation/remotes/remote_store.h"

namespace slipway::data {

struct ObjectName {
  std::string hash;
  ObjectKind kind = ObjectKind::kCurrent;
  auto operator<=>(const ObjectName&) const = default;
};

// "files/md5/ab/cdef...", of DVC 2 "ab/cdef...".
std::string object_path(const ObjectName& name);

// How many transfers go on at a time: `wanted`, else the option jobs, else four for each core; never more than the
// process may open files.
size_t transfer_jobs(const RemoteSettings& settings, size_t wanted);

class RemoteObjects {
 public:
  // Throws as remotes::open_remote does.
  RemoteObjects(const RemoteSettings& settings, size_t jobs);

  const std::string& name() const { return name_; }
  size_t jobs() const { return jobs_; }
  remotes::RemoteStore& store() const { return *store_; }

  bool contains(const ObjectName& name) const;
  // Those that are there. Asks for each one, or lists, whichever takes fewer requests.
  std::set<ObjectName> existing(const std::vector<ObjectName>& names) const;

  // A folder's object, without keeping it. Throws not_found and data_loss.
  Tree read_tree(const ObjectName& name) const;

  using Moved = std::function<void(uint64_t bytes)>;
  // Throws data_loss when the object in the cache is damaged.
  void send(const ObjectStore& from, const ObjectName& name, const Moved& moved) const;
  // Throws not_found, and data_loss when what arrives is not the object.
  void receive(const ObjectStore& to, const ObjectName& name, const Moved& moved) const;

 private:
  std::set<ObjectName> ask_each(const std::vector<ObjectName>& names) const;
  std::set<ObjectName> list_for(const std::vector<ObjectName>& names) const;
  bool is_listing_cheaper(const std::vector<ObjectName>& names) const;

  const std::string name_;
  const size_t jobs_;
  const std::unique_ptr<remotes::RemoteStore> store_;
};

}  // namespace slipway::data
