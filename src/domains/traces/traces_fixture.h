// For tests of traces: Tracing beside tracking on a database in memory or on a private PostgreSQL, and spans in a line.
#pragma once

#include <algorithm>

#include "domains/traces/tracing.h"
#include "domains/tracking/tracking_fixture.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::traces {

class TracesFixture : public tracking::TrackingFixture {
 protected:
  using TrackingFixture::TrackingFixture;

  static std::string trace_id(int number) { return "tr-" + std::string(31, '0') + std::to_string(number); }

  Trace trace(const std::string& id, int64_t request_ms, std::vector<Tag> tags = {}) {
    Trace out;
    out.id = TraceId(id);
    out.experiment_id = ExperimentId("0");
    out.request_ms = request_ms;
    out.state = "OK";
    out.tags = std::move(tags);
    return out;
  }

  // Numbers below 100 stand for ids; 0 is no parent.
  static Span span(int trace, int number, int parent = 0, Attributes attributes = {}) {
    const auto id_of = [](int value) { return text::concat(std::string(14, '0'), value / 10, value % 10); };
    Span out;
    out.trace_id = TraceId(trace_id(trace));
    out.span_id = id_of(number);
    if (parent != 0) out.parent_id = id_of(parent);
    out.name = text::concat("step ", number);
    out.status = SpanStatus::kOk;
    out.start_ns = 1'000'000'000 + number * 1'000'000;
    out.end_ns = out.start_ns + 5'000'000;
    out.attributes = std::move(attributes);
    return out;
  }

  void log(std::vector<Span> spans, Attributes resource = {}) {
    traces().log_spans(ExperimentId("0"), {{std::move(resource), std::move(spans)}});
  }

  std::vector<std::string> found(const std::string& filter, std::vector<std::string> order_by = {}) {
    Search search;
    search.filter = filter;
    search.order_by = std::move(order_by);
    search.max_results = 100;
    std::vector<std::string> out;
    for (const Trace& one : traces().search({ExperimentId("0")}, search).items) out.push_back(one.id.value);
    if (search.order_by.empty()) std::sort(out.begin(), out.end());
    return out;
  }

  Traces& traces() { return tracing_.traces(); }

  Tracing tracing_{*database_, tracking_, clock_, ids_};
};

// The same on both databases: TEST_P, and ON_BOTH_DATABASES below the class.
class TracesOnBoth : public TracesFixture, public ::testing::WithParamInterface<sql::Dialect> {
 protected:
  TracesOnBoth()
      : TracesFixture(GetParam() == sql::Dialect::kSqlite ? "sqlite::memory:"
                                                          : sql::PrivatePostgres::instance().new_database()) {}
};

#define ON_BOTH_DATABASES(Fixture)                                                    \
  INSTANTIATE_TEST_SUITE_P(                                                           \
      , Fixture, ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgresql), \
      [](const auto& with) { return with.param == sql::Dialect::kSqlite ? "Sqlite" : "Postgresql"; })

}  // namespace slipway::traces
