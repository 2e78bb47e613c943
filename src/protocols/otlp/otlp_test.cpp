#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <protozero/pbf_writer.hpp>

#include "domains/traces/traces_fixture.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/otlp/decode.h"
#include "protocols/otlp/mount.h"

namespace slipway::otlp {
namespace {

using protozero::pbf_writer;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using traces::Attribute;

const std::string kTraceId("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16);
const std::string kSpanId("\x00\x00\x00\x00\x00\x00\x00\xab", 8);
constexpr std::string_view kTraceName = "tr-0102030405060708090a0b0c0d0e0f10";

// A message of one field.
std::string field(protozero::pbf_tag_type tag, const std::string& content) {
  std::string out;
  pbf_writer(out).add_bytes(tag, content);
  return out;
}

std::string pair(const std::string& key, const std::string& any_value) {
  std::string out;
  pbf_writer writer(out);
  writer.add_string(1, key);
  writer.add_message(2, any_value);
  return out;
}

std::string request_of(const std::string& span) { return field(1, field(2, field(2, span))); }

std::string minimal_span() {
  std::string out;
  pbf_writer writer(out);
  writer.add_bytes(1, kTraceId);
  writer.add_bytes(2, kSpanId);
  writer.add_string(5, "work");
  writer.add_fixed64(7, 1000);
  writer.add_fixed64(8, 2000);
  return out;
}

TEST(Protobuf, AFieldOfTheWrongKindIsTheCallersFault) {
  std::string number;
  pbf_writer(number).add_uint64(1, 7);
  EXPECT_THROW(decode_protobuf(number), Error);
  EXPECT_THROW(decode_protobuf(std::string_view("\x08", 1)), Error);
  std::string time = minimal_span();
  pbf_writer(time).add_uint64(7, 1000);
  EXPECT_THROW(decode_protobuf(request_of(time)), Error);
}

TEST(Protobuf, EveryFieldArrives) {
  std::string number;
  pbf_writer(number).add_int64(3, -7);
  std::string half;
  pbf_writer(half).add_double(4, 2);
  std::string yes;
  pbf_writer(yes).add_bool(2, true);
  const std::string list = field(5, field(1, number) + field(1, "") + field(1, field(1, "x")));
  const std::string object = field(6, field(1, pair("k", half)));
  std::string event;
  pbf_writer(event).add_fixed64(1, 1500);
  pbf_writer(event).add_string(2, "note");
  pbf_writer(event).add_message(3, pair("a", yes));
  std::string status;
  pbf_writer(status).add_string(2, "boom");
  pbf_writer(status).add_enum(3, 2);
  std::string span = minimal_span();
  pbf_writer writer(span);
  writer.add_bytes(4, std::string(7, '\0') + "\x01");
  writer.add_message(9, pair("list", list));
  writer.add_message(9, pair("object", object));
  writer.add_message(9, pair("nothing", ""));
  writer.add_message(9, pair("bytes", field(7, "\xff")));
  writer.add_message(9, pair("json", field(1, R"({"a":[1,2.0]})")));
  writer.add_message(9, pair("digit", field(1, "1")));
  writer.add_message(11, event);
  writer.add_message(13, field(1, kTraceId) + field(2, kSpanId));
  writer.add_message(15, status);
  const auto batches =
      decode_protobuf(field(1, field(1, field(1, pair("service.name", field(1, "s")))) + field(2, field(2, span))));
  ASSERT_THAT(batches, SizeIs(1));
  EXPECT_THAT(batches[0].resource, Contains(Attribute{"service.name", "\"s\""}));
  ASSERT_THAT(batches[0].spans, SizeIs(1));
  const traces::Span& read = batches[0].spans[0];
  EXPECT_EQ(read.trace_id.value, kTraceName);
  EXPECT_EQ(read.span_id, "00000000000000ab");
  EXPECT_EQ(read.parent_id, "0000000000000001");
  EXPECT_EQ(read.end_ns, 2000);
  EXPECT_EQ(read.status, traces::SpanStatus::kError);
  EXPECT_EQ(read.status_message, "boom");
  EXPECT_EQ(read.attributes, (traces::Attributes{{"list", R"([-7, null, "x"])"},
                                                 {"object", R"({"k": 2.0})"},
                                                 {"nothing", "null"},
                                                 {"bytes", "\"/w==\""},
                                                 {"json", R"({"a": [1, 2.0]})"},
                                                 {"digit", "\"1\""}}));
  ASSERT_THAT(read.events, SizeIs(1));
  EXPECT_EQ(read.events[0].attributes, (traces::Attributes{{"a", "true"}}));
  ASSERT_THAT(read.links, SizeIs(1));
}

TEST(Json, SaysTheSame) {
  const auto batches =
      decode_json(R"({"resourceSpans":[{"resource":{"attributes":[{"key":"r","value":{"intValue":"3"}}]},
    "scopeSpans":[{"scope":{"name":"x"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000AB",
    "parentSpanId":"0000000000000000","name":"work","kind":1,"startTimeUnixNano":"1000","end_time_unix_nano":2000,
    "attributes":[{"key":"v","value":{"arrayValue":{"values":[{"doubleValue":0.5},{"boolValue":false},{"kvlistValue":
    {"values":[{"key":"k","value":{"stringValue":"s"}}]}}]}}},{"key":"n","value":null}],"events":[{"name":"e"}],
    "status":{"code":"STATUS_CODE_OK"},"unknown":{"a":[1]}}]}]}]})");
  ASSERT_THAT(batches, SizeIs(1));
  EXPECT_EQ(batches[0].resource, (traces::Attributes{{"r", "3"}}));
  const traces::Span& read = batches[0].spans.at(0);
  EXPECT_EQ(read.trace_id.value, kTraceName);
  EXPECT_EQ(read.span_id, "00000000000000ab");
  EXPECT_TRUE(read.is_root()) << "zeros are no parent";
  EXPECT_EQ(read.attributes, (traces::Attributes{{"v", R"([0.5, false, {"k": "s"}])"}, {"n", "null"}}));
  EXPECT_EQ(read.status, traces::SpanStatus::kOk);
}

class Otlp : public traces::TracesFixture {
 protected:
  // A body that is there already.
  class TextBody final : public http::BodyReader {
   public:
    explicit TextBody(std::string_view text) : text_(text) {}
    size_t read(char* buffer, size_t capacity) override {
      const size_t size = text_.copy(buffer, capacity);
      text_.remove_prefix(size);
      return size;
    }

   private:
    std::string_view text_;
  };

  http::Response send(const std::string& body, const std::string& type, const std::string& experiment = "0",
                      const std::string& run = "") {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/traces";
    request.headers.add("Content-Type", type);
    if (!experiment.empty()) request.headers.add("X-MLflow-Experiment-Id", experiment);
    if (!run.empty()) request.headers.add("x-mlflow-run-id", run);
    TextBody reader(body);
    request.body = &reader;
    request.caller = caller_;
    return routes({traces(), tracking_, permissions_}).at(0).handler(request);
  }
  static std::string text_of(const http::Response& response) { return std::get<std::string>(response.body); }

  identity::Permissions permissions_{*database_};
  std::shared_ptr<const identity::Caller> caller_ = identity::Caller::anybody();
};

TEST_F(Otlp, SpansAreStoredAndAnsweredInKind) {
  const std::string run = run_in(traces::ExperimentId("0")).info.id.value;
  const auto stored = send(request_of(minimal_span()), "application/x-protobuf; charset=x", "0", run);
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(text_of(stored), "");
  EXPECT_EQ(stored.headers.find("Content-Type"), "application/x-protobuf");
  EXPECT_THAT(found("run_id = '" + run + "'"), SizeIs(1));
  EXPECT_EQ(text_of(send(R"({"resourceSpans":[{}]})", "application/json")), "{}");
}

TEST_F(Otlp, WhatIsNoRequestIsTheCallersFault) {
  const std::string protobuf = "application/x-protobuf";
  EXPECT_EQ(send(request_of(minimal_span()), "text/plain").status, 400);
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, "").status, 422);
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, "12345").status, 404);
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, "x").status, 400);
  EXPECT_EQ(send("", protobuf).status, 400) << "no spans";
  EXPECT_EQ(send("\xff\xff\xff", protobuf).status, 400);
  EXPECT_EQ(send(request_of(field(1, kTraceId)), protobuf).status, 422) << "no span id";
  EXPECT_EQ(send(request_of(minimal_span() + field(1, kTraceId + "x")), protobuf).status, 422);
  EXPECT_EQ(send(request_of(minimal_span() + field(9, pair("\xff", ""))), protobuf).status, 400) << "not UTF-8";
  std::string deep;
  for (int i = 0; i < 60; ++i) deep = field(5, field(1, deep));
  EXPECT_EQ(send(request_of(minimal_span() + field(9, pair("deep", deep))), protobuf).status, 400);
  for (const char* bad : {"", "{", "[]", "{}", R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]})",
                          R"({"resourceSpans":5})"}) {
    const auto refused = send(bad, "application/json");
    EXPECT_EQ(refused.status, 400) << bad;
    EXPECT_THAT(text_of(refused), HasSubstr("\"code\":3"));
  }
  EXPECT_EQ(send(R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x"}]}]}]})", "application/json").status, 422);
  EXPECT_THAT(found(""), IsEmpty());
}

TEST_F(Otlp, SpansGoOnlyWhereTheCallerMayWrite) {
  const std::string protobuf = "application/x-protobuf";
  const traces::ExperimentId own = experiment("own");
  caller_ = std::make_shared<const identity::Caller>(identity::Caller{"ann", false, identity::Permission::kNone, 1});
  permissions_.put(1, {identity::ResourceKind::kExperiment, own.value}, identity::Permission::kEdit);
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, "0").status, 403) << "READ by default";
  const std::string run = run_in(traces::ExperimentId("0")).info.id.value;
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, own.value, run).status, 403) << "another's run";
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, own.value).status, 200);
  permissions_.put(1, {identity::ResourceKind::kExperiment, own.value}, identity::Permission::kRead);
  const traces::ExperimentId second = experiment("second");
  permissions_.put(1, {identity::ResourceKind::kExperiment, second.value}, identity::Permission::kEdit);
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, second.value).status, 403) << "the trace lies in another one";
  caller_ = nullptr;
  EXPECT_EQ(send(request_of(minimal_span()), protobuf, own.value).status, 403);
}

}  // namespace
}  // namespace slipway::otlp
