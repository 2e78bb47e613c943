#include "foundation/engines/library.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::engines {
namespace {

using ::testing::HasSubstr;

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kFailedPrecondition);
    return error.what();
  }
  return "";
}

TEST(Library, AMissingOneIsNamedWithTheFoldersAndWhatToType) {
  const std::string message = error_of([] { library_path("libnothing.so.1"); });
  EXPECT_THAT(message, HasSubstr("libnothing.so.1 was not found in "));
  EXPECT_THAT(message, HasSubstr("lib/slipway"));
  EXPECT_THAT(message, HasSubstr("make setup"));
}

TEST(Library, TheChosenFolderComesFirst) {
  files::TemporaryFolder folder;
  files::write_atomic(folder.file("lib_lightgbm.so"), "not a library");
  ::setenv("SLIPWAY_LIB_DIR", folder.path().c_str(), 1);
  const std::string path = library_path("lib_lightgbm.so");
  const std::string message = error_of([] { Library library("lib_lightgbm.so"); });
  ::unsetenv("SLIPWAY_LIB_DIR");
  EXPECT_EQ(path, folder.file("lib_lightgbm.so"));
  EXPECT_THAT(message, HasSubstr("cannot open " + path));
}

TEST(Library, ABuildTreeFindsTheSdkAndItsSymbols) {
  const Library library("lib_lightgbm.so");
  EXPECT_NE(library.find_symbol("LGBM_GetLastError"), nullptr);
  EXPECT_THAT(error_of([&] { library.find_symbol("LGBM_NoSuchThing"); }), HasSubstr("no symbol LGBM_NoSuchThing"));
}

}  // namespace
}  // namespace slipway::engines
