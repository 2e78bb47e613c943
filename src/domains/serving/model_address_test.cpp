#include "domains/serving/model_address.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::serving {
namespace {

using Kind = ModelAddress::Kind;

void expect_address(std::string_view text, Kind kind, std::string_view name, std::string_view selector) {
  const ModelAddress address = parse_model_address(text);
  EXPECT_EQ(address.kind, kind) << text;
  EXPECT_EQ(address.name, name) << text;
  EXPECT_EQ(address.selector, selector) << text;
  EXPECT_EQ(address.text, text);
}

TEST(ModelAddress, EveryFormIsTakenApart) {
  expect_address("models:/flights@champion", Kind::kAlias, "flights", "champion");
  expect_address("models://flights@champion", Kind::kAlias, "flights", "champion");
  expect_address("models:/team/flights@champion", Kind::kAlias, "team/flights", "champion");
  expect_address("models:/flights/12", Kind::kVersion, "flights", "12");
  expect_address("models:/flights/latest", Kind::kLatest, "flights", "latest");
  expect_address("runs:/abc123/some/model", Kind::kRun, "model", "abc123");
  expect_address("out/model/", Kind::kFolder, "model", "");
  expect_address("/", Kind::kFolder, "model", "");
  expect_address(".", Kind::kFolder, "model", "");
}

TEST(ModelAddress, HalvesOfAnAddressAreRefused) {
  for (const char* text :
       {"", "models:/", "models:/flights", "models:/flights@", "models:/@champion", "models:/flights/",
        "models:/flights/zero", "models:/flights/-1", "runs:/abc", "runs:/abc/", "runs://"}) {
    EXPECT_THROW(parse_model_address(text), Error) << text;
  }
}

}  // namespace
}  // namespace slipway::serving
