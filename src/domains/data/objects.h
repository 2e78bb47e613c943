// A folder of objects named by their MD5: the cache of a repository, and a remote that is a folder. Objects appear
// whole or not at all, and are read-only: DVC takes exactly mode 0444 as the sign that an object was verified.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/tree.h"
#include "foundation/base/progress.h"

namespace slipway::data {

enum class LinkKind { kReflink, kCopy, kHardlink, kSymlink };

// "reflink,copy" and the like; throws invalid_argument for an unknown word.
std::vector<LinkKind> parse_link_kinds(std::string_view text);

// `legacy` objects (DVC 2) lie in other folders, and text was hashed with its line ends converted.
enum class ObjectKind { kCurrent, kLegacy };

struct StoredFile {
  std::string md5;
  uint64_t size = 0;
};

class ObjectStore {
 public:
  // `root` holds files/md5/..; it appears with the first object.
  explicit ObjectStore(std::string root, bool group_shared = false);

  const std::string& root() const { return root_; }
  std::string path_of(std::string_view hash, ObjectKind kind = ObjectKind::kCurrent) const;
  // There and trusted; one without the mode of trust is hashed first, and removed when it is damaged.
  bool contains(const std::string& hash, ObjectKind kind = ObjectKind::kCurrent) const;

  // The hashes of all objects, sorted.
  std::vector<std::string> list(ObjectKind kind) const;
  void remove(const std::string& hash, ObjectKind kind) const;
  // A folder of the cache and those above it, open to the group when the cache is shared.
  void create_folders(const std::string& folder) const;
  // A file of the cache that is no object: writable for the group when the cache is shared.
  void share_file(const std::string& path) const;
  // Removes what processes that are gone left half written.
  void remove_leftovers() const;

  // The bytes as an object of this hash (which must be theirs).
  void put(const std::string& hash, std::string_view bytes) const;
  // Reads the file once: hashes it, and keeps a copy unless the object exists.
  StoredFile put_file(const std::string& path, Progress* progress = nullptr) const;
  // Makes the file itself the object, by a second name for it. False when the file system cannot.
  bool adopt(const std::string& path, const std::string& md5) const;
  // Keeps what `read` gives (up to so many bytes into the buffer, 0 at the end) as the object of this hash; throws
  // data_loss and keeps nothing when it is not. `from` is where the bytes come from, for the message.
  using Read = std::function<size_t(char* buffer, size_t capacity)>;
  void receive(const std::string& hash, ObjectKind kind, const Read& read, std::string_view from) const;
  Tree read_tree(const std::string& hash, ObjectKind kind = ObjectKind::kCurrent) const;

  // Puts the object at `target`, replacing what is there in one step; the first kind that works is used. A link that is
  // `executable` makes the object so too: they are one file.
  LinkKind place(const std::string& hash, const std::string& target, const std::vector<LinkKind>& kinds,
                 bool executable, ObjectKind kind = ObjectKind::kCurrent) const;
  // Whether `target` is linked to the object in the way the first kind asks for.
  bool is_placed_as(const std::string& hash, const std::string& target, LinkKind wanted) const;

 private:
  class Draft;
  StoredFile put_whole(int source, uint64_t size, const std::string& path) const;
  StoredFile put_streaming(int source, const std::string& path, Progress* progress) const;
  bool link_one(LinkKind how, const std::string& object, const std::string& beside, bool executable) const;

  const std::string root_;
  const bool group_shared_;
  mutable std::atomic<bool> reflink_works_ = true;
};

// Lets the owner run the file, or the object that it is a link to.
void make_executable(const std::string& path);

// What hashing would give for the file's bytes, with CRLF taken as LF in text when `kind` is legacy.
std::string md5_of_file(const std::string& path, ObjectKind kind = ObjectKind::kCurrent, Progress* progress = nullptr);

}  // namespace slipway::data
