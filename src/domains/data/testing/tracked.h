// A repository of tracked data in a folder of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "domains/data/add.h"
#include "domains/data/repository.h"
#include "domains/data/status.h"
#include "foundation/base/files.h"

namespace slipway::data {

inline void put(const std::string& path, std::string_view text) { files::write_atomic(path, text); }

class Tracked : public ::testing::Test {
 protected:
  Tracked() {
    CreateOptions options;
    options.scm = false;
    Repository::create(root(), options);
  }
  std::string root() const { return folder_.path(); }
  std::string at(std::string_view name) const { return folder_.file(name); }
  Value changes() {
    Repository repository(root());
    return status(repository, repository.load_index(), {});
  }
  void add_one(const std::string& name) {
    Repository repository(root());
    add(repository, {name}, {});
  }
  void set_config(std::string_view text) { put(at(".dvc/config"), text); }

  files::TemporaryFolder folder_;
};

}  // namespace slipway::data
