#include "domains/tracking/paging.h"

#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/hash.h"

namespace slipway::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

class Paging : public TrackingFixture {
 protected:
  // Reads on from a token, one page after the other, and calls `between` after each.
  std::vector<std::string> pages_of(const ExperimentId& id, Search search, const std::function<void()>& between) {
    std::vector<std::string> out;
    std::optional<std::string> token = "";
    while (token) {
      search.page_token = *token;
      const auto page = tracking_.search_runs({id}, search);
      for (const tracking::Run& run : page.items) out.push_back(run.info.name);
      token = page.next;
      between();
    }
    return out;
  }

  void start(const ExperimentId& id, const std::string& name, std::optional<double> acc = std::nullopt) {
    clock_.advance_ms(1);
    const RunId run = run_in(id, name).info.id;
    if (acc) tracking_.log_metric(run, point("acc", *acc));
  }
};

TEST_F(Paging, ARunThatIsCreatedMeanwhileRepeatsNone) {
  const ExperimentId id = experiment();
  for (int i = 0; i < 6; ++i) start(id, text::concat("run", i));
  Search search;
  search.max_results = 2;
  int added = 0;
  EXPECT_THAT(pages_of(id, search, [&] { start(id, text::concat("later", added++)); }),
              ElementsAre("run5", "run4", "run3", "run2", "run1", "run0"));
}

TEST_F(Paging, ARunThatIsDeletedMeanwhileHidesNone) {
  const ExperimentId id = experiment();
  std::vector<RunId> ids;
  for (int i = 0; i < 6; ++i) {
    clock_.advance_ms(1);
    ids.push_back(run_in(id, text::concat("run", i)).info.id);
  }
  Search search;
  search.max_results = 2;
  // The last row of the first page itself goes: the position stays.
  EXPECT_THAT(pages_of(id, search, [&] { tracking_.delete_run(ids[4]); }),
              ElementsAre("run5", "run4", "run3", "run2", "run1", "run0"));
}

TEST_F(Paging, OrdersWithMissingAndUnnumberedValuesGoOnWhereTheyStopped) {
  const ExperimentId id = experiment();
  std::vector<std::string> names;
  for (int i = 0; i < 9; ++i) {
    const double value = i % 3 == 1 ? std::nan("") : 0.1 * (i / 3);
    names.push_back(text::concat("run", i));
    start(id, names.back(), i % 3 == 2 ? std::nullopt : std::optional(value));
  }
  for (const std::string direction : {"ASC", "DESC"}) {
    Search search;
    search.order_by = {"metrics.acc " + direction, "params.none " + direction, "attributes.end_time " + direction};
    const auto at_once = pages_of(id, search, [] {});
    EXPECT_THAT(at_once, UnorderedElementsAreArray(names));
    for (const int64_t size : {1, 2, 4}) {
      search.max_results = size;
      EXPECT_EQ(pages_of(id, search, [] {}), at_once) << direction << " by " << size;
    }
  }
}

TEST_F(Paging, ATokenOfAnotherQuestionIsRefused) {
  const ExperimentId id = experiment();
  for (int i = 0; i < 3; ++i) start(id, "run");
  Search search;
  search.max_results = 1;
  search.page_token = *tracking_.search_runs({id}, search).next;
  const auto refused = [&](const ExperimentId& of, const Search& other) {
    return fault(ErrorCode::kInvalidArgument, [&] { tracking_.search_runs({of}, other); });
  };
  EXPECT_THAT(refused(ExperimentId("0"), search), HasSubstr("Invalid page token"));
  Search other = search;
  other.order_by = {"run_name"};
  EXPECT_THAT(refused(id, other), HasSubstr("Invalid page token"));
  other = search;
  other.filter = "metrics.a > 1";
  EXPECT_THAT(refused(id, other), HasSubstr("Invalid page token"));
  other = search;
  other.visibility = Visibility::kAll;
  EXPECT_THAT(refused(id, other), HasSubstr("Invalid page token"));
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.search_experiments(search); }),
              HasSubstr("Invalid page token"));
  search.max_results = 2;
  EXPECT_THAT(tracking_.search_runs({id}, search).items, SizeIs(2)) << "the size of a page may change";
}

TEST_F(Paging, AForgedPositionIsRefused) {
  const ExperimentId id = experiment();
  start(id, "run", 1);
  Search search;
  search.order_by = {"metrics.acc"};
  const std::string question = Question::of("runs", {id}, search).digest();
  for (const char* position : {"", "[]", "{}", "[1]", "[null, null, null, null]", "[0, 1, 2, \"tx\"]", "[0, \"nx\"]",
                               "[0, \"\"]", "[0, {}]", "[0, \"n1\", 2, \"tx\", 5]", "[1e400]"}) {
    search.page_token = base64_encode(question + position);
    fault(ErrorCode::kInvalidArgument, [&] { tracking_.search_runs({id}, search); });
  }
  for (const char* token : {"not a token", "evil", "AAAA"}) {
    search.page_token = token;
    EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.search_runs({id}, search); }),
                HasSubstr("Invalid page token"));
  }
}

TEST_F(Paging, PositionsComeBackToTheLastBit) {
  const sql::Values position = {int64_t{-5}, 0.1 + 0.2, std::string("t\"x\nü"), nullptr, -0.0};
  const sql::Values again = decode_position(encode_position(position));
  ASSERT_THAT(again, SizeIs(5));
  EXPECT_EQ(std::get<int64_t>(again[0]), -5);
  EXPECT_EQ(std::get<double>(again[1]), 0.1 + 0.2);
  EXPECT_EQ(std::get<std::string>(again[2]), "t\"x\nü");
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(again[3]));
  EXPECT_TRUE(std::signbit(std::get<double>(again[4])));
}

}  // namespace
}  // namespace slipway::tracking
