#include <algorithm>
#include <random>

#include "domains/traces/traces_fixture.h"
#include "foundation/base/json.h"

namespace slipway::traces {
namespace {

class Usage : public TracesOnBoth {
 protected:
  static Span costly(int number, int parent, int tokens) {
    return span(1, number, parent,
                {{"mlflow.chat.tokenUsage", text::concat(R"({"input_tokens": )", tokens, R"(, "output_tokens": 1})")},
                 {"mlflow.llm.cost", text::concat(R"({"total_cost": )", tokens, ".5}")}});
  }
  int64_t input_tokens() {
    const Trace known = traces().get(TraceId(trace_id(1)));
    const std::string* usage = find_pair(known.metadata, metadata::kTokens);
    return usage == nullptr ? -1 : json::get_int(json::parse(*usage).as_object(), "input_tokens");
  }
};
ON_BOTH_DATABASES(Usage);

TEST_P(Usage, IsShownAsClientsKnowIt) {
  log({costly(1, 0, 10)});
  const Trace known = traces().get(TraceId(trace_id(1)));
  EXPECT_EQ(*find_pair(known.metadata, metadata::kTokens),
            R"({"input_tokens": 10, "output_tokens": 1, "total_tokens": 0})");
  EXPECT_EQ(*find_pair(known.metadata, metadata::kCost),
            R"({"input_cost": 0.0, "output_cost": 0.0, "total_cost": 10.5})");
}

// A tree in which some parents sum up their children: 1 -> (2 -> (4, 5), 3 -> 6 -> 7), 8 without known parent.
TEST_P(Usage, CountsEachReportOnceInWhateverOrderTheSpansCome) {
  const std::vector<Span> tree = {span(1, 1),       costly(2, 1, 30),    span(1, 3, 1),
                                  costly(4, 2, 10), costly(5, 2, 20),    costly(6, 3, 100),
                                  span(1, 7, 6),    costly(8, 99, 1000), costly(9, 7, 50)};
  constexpr int64_t kExpected = 30 + 100 + 1000;
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Span> spans = tree;
    std::shuffle(spans.begin(), spans.end(), random);
    for (size_t at = 0; at < spans.size();) {
      const size_t size = std::min<size_t>(1 + random() % 3, spans.size() - at);
      log({spans.begin() + static_cast<ptrdiff_t>(at), spans.begin() + static_cast<ptrdiff_t>(at + size)});
      at += size;
    }
    EXPECT_EQ(input_tokens(), kExpected) << round;
    log({spans[0], spans[1]});
    EXPECT_EQ(input_tokens(), kExpected) << "sent twice";
    traces().remove(ExperimentId("0"), {std::nullopt, std::nullopt, {TraceId(trace_id(1))}});
  }
}

TEST_P(Usage, FollowsASpanThatChanges) {
  log({costly(1, 0, 10), costly(2, 1, 5)});
  log({span(1, 1)});
  EXPECT_EQ(input_tokens(), 5);
  log({costly(2, 1, 6)});
  EXPECT_EQ(input_tokens(), 6);
}

TEST_P(Usage, SurvivesParentsInACircle) {
  log({costly(1, 2, 10), costly(2, 1, 5)});
  EXPECT_GE(input_tokens(), 5);
}

TEST_P(Usage, StaysAsTheClientReportedIt) {
  Trace own = trace(trace_id(1), 1);
  own.metadata = {{std::string(metadata::kTokens), R"({"input_tokens": 3})"}};
  traces().put(own);
  log({costly(1, 0, 10)});
  EXPECT_EQ(input_tokens(), 3);
}

TEST_P(Usage, IsReadFromTheNamesOfOtherLibraries) {
  log({span(1, 1, 0,
            {{"gen_ai.usage.input_tokens", "7"},
             {"gen_ai.usage.output_tokens", "\"4\""},
             {"gen_ai.request.model", "\"m\""},
             {"gen_ai.operation.name", "\"chat\""},
             {"input.value", "\"q\""}})});
  EXPECT_EQ(*find_pair(traces().get(TraceId(trace_id(1))).metadata, metadata::kTokens),
            R"({"input_tokens": 7, "output_tokens": 4, "total_tokens": 11})");
  const Span stored = traces().spans(TraceId(trace_id(1)), std::nullopt, 1).at(0);
  EXPECT_EQ(*find_attribute(stored.attributes, attribute::kType), "\"CHAT_MODEL\"");
  EXPECT_EQ(*find_attribute(stored.attributes, attribute::kInputs), "\"q\"");
  EXPECT_EQ(*find_attribute(stored.attributes, attribute::kModel), "\"m\"");
}

}  // namespace
}  // namespace slipway::traces
