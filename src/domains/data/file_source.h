// Where the files that describe a project (.dvc, dvc.yaml, dvc.lock, parameters, .dvcignore) are read from: the disk,
// or any commit, which need not be checked out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::git {
class Repository;
}

namespace slipway::data {

// Paths are absolute, those of a commit as if it were checked out.
class FileSource {
 public:
  struct Listing {
    std::vector<std::string> files;    // names, sorted
    std::vector<std::string> folders;  // without links to folders, which nobody enters
  };
  struct Info {
    bool is_folder = false;
    bool executable = false;
    std::optional<uint64_t> size;  // of folders in a commit: none
  };
  virtual ~FileSource() = default;

  // The content; nothing when there is no such file.
  virtual std::optional<std::string> find(const std::string& path) const = 0;
  // The content; throws not_found when there is no such file.
  std::string read(const std::string& path) const;
  virtual bool exists(const std::string& path) const = 0;
  virtual bool is_folder(const std::string& path) const = 0;
  // Nothing when there is neither file nor folder.
  virtual std::optional<Info> look(const std::string& path) const = 0;
  // Nothing in it when there is no such folder.
  virtual Listing list(const std::string& folder) const = 0;
};

const FileSource& disk();

class CommitFiles : public FileSource {
 public:
  // `root` is where the work tree of `repository` lies, in the caller's words.
  CommitFiles(const git::Repository& repository, std::string commit, std::string root);

  std::optional<std::string> find(const std::string& path) const override;
  bool exists(const std::string& path) const override;
  bool is_folder(const std::string& path) const override;
  std::optional<Info> look(const std::string& path) const override;
  Listing list(const std::string& folder) const override;

 private:
  // The path in the commit; nothing when it lies outside.
  std::optional<std::string> inside(const std::string& path) const;

  const git::Repository& repository_;
  const std::string commit_;
  const std::string root_;
};

}  // namespace slipway::data
