#include "domains/traces/traces.h"

#include "domains/traces/traces_fixture.h"

namespace slipway::traces {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TracesTest : public TracesOnBoth {};
ON_BOTH_DATABASES(TracesTest);

TEST_P(TracesTest, TheServerSaysWhereSpansGo) {
  const Trace made = traces().put(trace("tr-1", 5, {{"mlflow.artifactLocation", "file:///etc"}}));
  EXPECT_THAT(made.tags, Contains(Tag{"mlflow.artifactLocation", "mlflow-artifacts:/0/traces/tr-1/artifacts"}));
  fault(ErrorCode::kInvalidArgument, [&] { traces().set_tag(made.id, {"mlflow.artifactLocation", "x"}); });
  fault(ErrorCode::kInvalidArgument, [&] { traces().set_tag(made.id, {"mlflow.trace.spansLocation", "x"}); });
  fault(ErrorCode::kInvalidArgument, [&] { traces().put(trace("../x", 5)); });
  Trace elsewhere = trace("tr-1", 5);
  elsewhere.experiment_id = experiment();
  fault(ErrorCode::kInvalidArgument, [&] { traces().put(elsewhere); });
}

TEST_P(TracesTest, AreFoundByTagNameStateAndTime) {
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
  EXPECT_THAT(found("name = 'f' AND status = 'OK' AND timestamp_ms < 15", {"timestamp_ms ASC"}), ElementsAre("tr-1"));
  EXPECT_THAT(found("name IN ('f', 'g')"), ElementsAre("tr-1"));
  EXPECT_THAT(found("tags.mlflow.traceName IS NULL"), ElementsAre("tr-2", "tr-3"));
  EXPECT_THAT(found("tags.mlflow.traceName IS NOT NULL AND name RLIKE '^f$'"), ElementsAre("tr-1"));
  EXPECT_THAT(found("", {"name DESC"}), ElementsAre("tr-1", "tr-3", "tr-2")) << "missing values last";
  for (const char* bad : {"color = 'red'", "issue.name = 'x'", "span.depth = 'x'", "feedback.f > 'x'", "name RLIKE '('",
                          "prompt LIKE 'x/1'", "prompt = 'x'", "status > 'OK'"}) {
    fault(ErrorCode::kInvalidArgument, [&] { found(bad); });
  }
  fault(ErrorCode::kInvalidArgument, [&] { found("", {"timestamp", "timestamp_ms DESC"}); });
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { found("room.x = 'y'"); }), HasSubstr("Invalid entity type"));
}

TEST_P(TracesTest, TagsComeAndGo) {
  const TraceId id = traces().put(trace("tr-1", 1)).id;
  traces().set_tag(id, {"a", "b"});
  EXPECT_THAT(traces().get(id).tags, Contains(Tag{"a", "b"}));
  traces().delete_tag(id, "a");
  fault(ErrorCode::kNotFound, [&] { traces().delete_tag(id, "a"); });
  fault(ErrorCode::kNotFound, [&] { traces().get(TraceId("tr-9")); });
  fault(ErrorCode::kInvalidArgument, [&] { traces().set_tag(id, {"../", "b"}); });
  traces().put(trace("tr-1", 1, {{"what?", "b"}}));
  EXPECT_THAT(traces().get(id).tags, Contains(Tag{"what?", "b"})) << "a trace is not lost for an odd key";
}

TEST_P(TracesTest, WhatAClientDidNotSayIsAbsent) {
  Trace named = trace("tr-1", 1);
  named.client_request_id = "x";
  traces().put(named);
  traces().put(trace("tr-2", 2));
  EXPECT_THAT(found("client_request_id != 'y'"), ElementsAre("tr-1"));
  EXPECT_THAT(found("client_request_id = ''"), IsEmpty());
  EXPECT_THAT(found("", {"client_request_id"}), ElementsAre("tr-1", "tr-2"));
}

TEST_P(TracesTest, SpansMakeTheirTraceAndSayWhatIsKnownOfIt) {
  log({span(1, 2, 1)});
  const TraceId id(trace_id(1));
  Trace partial = traces().get(id);
  EXPECT_EQ(partial.state, "IN_PROGRESS");
  EXPECT_THAT(partial.tags, Contains(Tag{"mlflow.trace.spansLocation", "TRACKING_STORE"}));
  log({span(1, 1, 0,
            {{"mlflow.spanInputs", R"({"messages": [{"role": "user", "content": "hi"}]})"},
             {"mlflow.spanOutputs", "\"out\""},
             {"session.id", "\"s-1\""},
             {"user.id", "7"},
             {"mlflow.traceTag.team", "\"blue\""}})},
      {{"service.name", "\"shop\""}, {"telemetry.sdk.name", "\"x\""}, {"mlflow.artifactLocation", "\"/etc\""}});
  const Trace known = traces().get(id);
  EXPECT_EQ(known.state, "OK");
  EXPECT_EQ(known.request_ms, 1001);
  EXPECT_EQ(known.execution_ms, 6);
  EXPECT_EQ(known.request_preview, "hi");
  EXPECT_EQ(known.response_preview, "\"out\"");
  EXPECT_THAT(known.tags, Contains(Tag{"team", "blue"}));
  EXPECT_THAT(known.tags, Contains(Tag{"service.name", "shop"}));
  EXPECT_THAT(known.tags,
              Contains(Tag{"mlflow.artifactLocation", "mlflow-artifacts:/0/traces/" + id.value + "/artifacts"}));
  EXPECT_EQ(find_pair(known.tags, "telemetry.sdk.name"), nullptr);
  EXPECT_THAT(known.metadata, Contains(Tag{"mlflow.trace.session", "s-1"}));
  EXPECT_THAT(known.metadata, Contains(Tag{"mlflow.trace.user", "7"}));
}

TEST_P(TracesTest, TheClientsOwnWordWinsOverTheSpans) {
  log({span(1, 1)});
  Trace own = trace(trace_id(1), 77);
  own.state = "ERROR";
  own.execution_ms = 3;
  own.request_preview = "mine";
  traces().put(own);
  log({span(1, 2, 1), span(1, 1)});
  const Trace known = traces().get(own.id);
  EXPECT_EQ(known.request_ms, 77);
  EXPECT_EQ(known.execution_ms, 3);
  EXPECT_EQ(known.state, "ERROR");
  EXPECT_EQ(known.request_preview, "mine");
  own.request_preview.clear();
  const Trace again = traces().put(own);
  EXPECT_EQ(again.request_preview, "mine") << "what is not said again stays";
  EXPECT_THAT(again.tags, Contains(Tag{"mlflow.trace.spansLocation", "TRACKING_STORE"}))
      << "else clients upload a file";
}

TEST_P(TracesTest, SpansComeBackWholeAndInPages) {
  Span root = span(1, 9, 0, {{"x", R"([1, 2.0, "a\"b", null])"}, {"z", "1"}, {"z", "2"}});
  root.status = SpanStatus::kError;
  root.status_message = "boom";
  root.events = {{"exception", 5, {{"exception.type", "\"ValueError\""}}}};
  root.links = {{TraceId(trace_id(2)), "00000000000000aa", {{"why", "true"}}}};
  std::vector<Span> spans = {root};
  for (int i = 10; i < 40; ++i) spans.push_back(span(1, i, 9));
  log(spans);
  const TraceId id(trace_id(1));
  std::vector<std::string> names;
  std::optional<SpanCursor> after;
  while (true) {
    const auto page = traces().spans(id, after, 7);
    for (const Span& one : page) names.push_back(one.name);
    if (page.size() < 7) break;
    after = cursor_after(page.back());
  }
  ASSERT_THAT(names, SizeIs(31));
  EXPECT_EQ(names.front(), "step 9") << "roots first";
  EXPECT_EQ(names.back(), "step 39");
  const Span again = traces().spans(id, std::nullopt, 1).at(0);
  EXPECT_EQ(again.status, SpanStatus::kError);
  EXPECT_EQ(again.status_message, "boom");
  EXPECT_EQ(*find_attribute(again.attributes, "x"), R"([1, 2.0, "a\"b", null])");
  EXPECT_EQ(*find_attribute(again.attributes, "mlflow.traceRequestId"), "\"" + id.value + "\"");
  ASSERT_THAT(again.events, SizeIs(1));
  EXPECT_EQ(again.events[0].attributes, (Attributes{{"exception.type", "\"ValueError\""}}));
  ASSERT_THAT(again.links, SizeIs(1));
  EXPECT_EQ(again.links[0].trace_id.value, trace_id(2));
  EXPECT_TRUE(traces().is_complete(traces().get(id)));
  Trace own = trace(id.value, 1);
  own.metadata = {{"mlflow.trace.sizeStats", R"({"num_spans": 32})"}};
  EXPECT_FALSE(traces().is_complete(traces().put(own)));
}

TEST_P(TracesTest, ABatchIsStoredWholeOrNotAtAll) {
  Span nameless = span(2, 1);
  nameless.span_id.clear();
  fault(ErrorCode::kInvalidArgument, [&] { log({span(1, 1), nameless}); });
  fault(ErrorCode::kNotFound, [&] { traces().log_spans(ExperimentId("99"), {{{}, {span(1, 1)}}}); });
  fault(ErrorCode::kNotFound, [&] { traces().log_spans(ExperimentId("0"), {{{}, {span(1, 1)}}}, "nosuchrun"); });
  EXPECT_THAT(found(""), IsEmpty());
}

TEST_P(TracesTest, AreFoundByTheirSpans) {
  log({span(1, 1, 0, {{"mlflow.spanType", "\"AGENT\""}, {"size", "12"}}),
       span(1, 2, 1, {{"mlflow.spanType", "\"TOOL\""}, {"model", "\"gpt-4\""}, {"note", "\"Grüße\""}})});
  log({span(2, 3)});
  const std::string first = trace_id(1);
  EXPECT_THAT(found("span.name = 'step 2'"), ElementsAre(first));
  EXPECT_THAT(found("span.type IN ('TOOL', 'LLM') AND span.name LIKE 'step%'"), ElementsAre(first));
  EXPECT_THAT(found("span.type = 'TOOL' AND span.name = 'step 1'"), IsEmpty()) << "both of one span";
  EXPECT_THAT(found("span.attributes.model = 'gpt-4'"), ElementsAre(first));
  EXPECT_THAT(found("span.attributes.model RLIKE '^gpt-[0-9]$' AND span.status = 'OK'"), ElementsAre(first));
  EXPECT_THAT(found("span.attributes.size LIKE '1%'"), ElementsAre(first));
  EXPECT_THAT(found("span.content ILIKE '%\"NOTE\": \"gr%'"), ElementsAre(first));
  EXPECT_THAT(found("text LIKE '%Grüße%'"), ElementsAre(first));
  EXPECT_THAT(found("trace.text LIKE '%step 3%'"), ElementsAre(trace_id(2)));
  EXPECT_THAT(found("end_time > 1006 AND execution_time <= 6"), ElementsAre(first, trace_id(2)));
}

TEST_P(TracesTest, RunsAndPromptsAreLinked) {
  const std::string run = run_in(ExperimentId("0")).info.id.value;
  log({span(1, 1)});
  Trace own = trace(trace_id(2), 9);
  own.metadata = {{"mlflow.sourceRun", run}};
  traces().put(own);
  traces().log_spans(ExperimentId("0"), {{{}, {span(3, 1)}}}, run);
  EXPECT_THAT(found("run_id = '" + run + "'"), ElementsAre(trace_id(2), trace_id(3)));
  traces().link_to_run({TraceId(trace_id(1)), TraceId(trace_id(1)), TraceId("tr-none")}, run);
  EXPECT_THAT(found("attributes.run_id = '" + run + "'"), SizeIs(3));
  traces().link_prompts(TraceId(trace_id(1)), {{"greet", "2"}});
  EXPECT_THAT(found("prompt = 'greet/2'"), ElementsAre(trace_id(1)));
  EXPECT_THAT(found("prompt = 'greet/3'"), IsEmpty());
  fault(ErrorCode::kNotFound, [&] { traces().link_to_run({}, "nosuchrun"); });
  fault(ErrorCode::kInvalidArgument, [&] { traces().link_to_run(std::vector<TraceId>(101, TraceId("tr-1")), run); });
}

TEST_P(TracesTest, AreDeletedByAgeOrByIdWithAllThatIsTheirs) {
  for (int i = 1; i <= 4; ++i) log({span(i, 1 + i)});
  const ExperimentId here("0");
  EXPECT_EQ(traces().remove(here, {1004, 1, {}}), 1);
  EXPECT_THAT(found(""), Not(Contains(trace_id(1)))) << "the oldest first";
  EXPECT_EQ(traces().remove(here, {std::nullopt, std::nullopt, {TraceId(trace_id(2)), TraceId("tr-none")}}), 1);
  EXPECT_EQ(traces().remove(experiment(), {std::nullopt, std::nullopt, {TraceId(trace_id(3))}}), 0);
  EXPECT_THAT(found(""), ElementsAre(trace_id(3), trace_id(4)));
  EXPECT_THAT(traces().spans(TraceId(trace_id(1)), std::nullopt, 9), IsEmpty());
  for (const TraceSelection& bad :
       {TraceSelection{}, TraceSelection{1, 0, {}}, TraceSelection{1, {}, {TraceId("tr-1")}},
        TraceSelection{{}, 1, {TraceId("tr-1")}}}) {
    fault(ErrorCode::kInvalidArgument, [&] { traces().remove(here, bad); });
  }
}

TEST_P(TracesTest, TheOlderWayBeginsAndEndsOne) {
  Trace asked = trace("", 100, {{"mlflow.traceName", "old"}});
  const Trace begun = traces().begin(asked);
  EXPECT_EQ(begun.state, "IN_PROGRESS");
  EXPECT_THAT(begun.id.value, SizeIs(35));
  const Trace ended = traces().finish(begun.id, 150, "OK", {{"k", "v"}}, {{"m", "n"}});
  EXPECT_EQ(ended.execution_ms, 50);
  EXPECT_THAT(ended.tags, Contains(Tag{"k", "v"}));
  EXPECT_THAT(ended.tags, Contains(Tag{"mlflow.traceName", "old"}));
}

}  // namespace
}  // namespace slipway::traces
