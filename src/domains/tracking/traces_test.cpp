#include "domains/tracking/traces.h"

#include "domains/tracking/tracking_fixture.h"

namespace slipway::tracking {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class TracesTest : public TrackingFixture {
 protected:
  Trace trace(const std::string& id, int64_t request_ms, std::vector<Tag> tags = {}) {
    Trace out;
    out.id = TraceId(id);
    out.experiment_id = ExperimentId("0");
    out.request_ms = request_ms;
    out.state = "OK";
    out.tags = std::move(tags);
    return out;
  }
  Traces& traces() { return tracking_.traces(); }
};

TEST_F(TracesTest, TheServerSaysWhereSpansGo) {
  const Trace made = traces().put(trace("tr-1", 5, {{"mlflow.artifactLocation", "file:///etc"}}));
  EXPECT_THAT(made.tags, Contains(Tag{"mlflow.artifactLocation", "mlflow-artifacts:/0/traces/tr-1/artifacts"}));
  fault(ErrorCode::kInvalidArgument, [&] { traces().set_tag(made.id, {"mlflow.artifactLocation", "x"}); });
  fault(ErrorCode::kInvalidArgument, [&] { traces().put(trace("../x", 5)); });
  Trace elsewhere = trace("tr-1", 5);
  elsewhere.experiment_id = experiment();
  fault(ErrorCode::kInvalidArgument, [&] { traces().put(elsewhere); });
}

TEST_F(TracesTest, AreFoundByTagNameStateAndTime) {
  traces().put(trace("tr-1", 10, {{"mlflow.traceName", "f"}}));
  traces().put(trace("tr-2", 20));
  traces().put(trace("tr-3", 30));
  Search search;
  search.max_results = 2;
  const auto first = traces().search({ExperimentId("0")}, search);
  ASSERT_THAT(first.items, SizeIs(2));
  EXPECT_EQ(first.items[0].id.value, "tr-3");
  search.page_token = *first.next;
  EXPECT_THAT(traces().search({ExperimentId("0")}, search).items, SizeIs(1));
  search.page_token.clear();
  search.filter = "name = 'f' AND status = 'OK' AND timestamp_ms < 15";
  search.order_by = {"timestamp_ms ASC"};
  EXPECT_THAT(traces().search({ExperimentId("0")}, search).items, SizeIs(1));
  search.filter = "feedback.good = 'yes'";
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { traces().search({ExperimentId("0")}, search); }),
              HasSubstr("feedback"));
}

TEST_F(TracesTest, TagsComeAndGo) {
  const TraceId id = traces().put(trace("tr-1", 1)).id;
  traces().set_tag(id, {"a", "b"});
  EXPECT_THAT(traces().get(id).tags, Contains(Tag{"a", "b"}));
  traces().delete_tag(id, "a");
  fault(ErrorCode::kNotFound, [&] { traces().delete_tag(id, "a"); });
  fault(ErrorCode::kNotFound, [&] { traces().get(TraceId("tr-9")); });
}

}  // namespace
}  // namespace slipway::tracking
