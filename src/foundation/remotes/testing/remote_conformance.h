// The conformance suite of every kind of storage. A test program links remote_conformance.cpp and instantiates it:
// INSTANTIATE_TEST_SUITE_P(Local, RemoteConformance, testing::Values(kind)).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

struct Kind {
  std::string name;
  // An empty place; what it needs lives until the program ends.
  std::function<std::unique_ptr<RemoteStore>()> make;
  // So large that the kind's way of sending large files shows itself.
  size_t large_bytes = size_t{3} << 20U;
  // Azure takes a backslash for a slash.
  bool has_backslashes = true;
};

inline void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class RemoteConformance : public ::testing::TestWithParam<Kind> {
 protected:
  std::string read(const std::string& path);
  // Paths of the files below a folder, sorted.
  std::vector<std::string> listed(const std::string& folder);
  bool can_list() const { return remote_->listing() != Listing::kNone; }

  const std::unique_ptr<RemoteStore> remote_ = GetParam().make();
};

}  // namespace slipway::remotes
