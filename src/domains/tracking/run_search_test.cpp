// Searches against a naive evaluation over the runs themselves, on random runs, filters and orders.
#include <algorithm>
#include <cmath>
#include <random>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/filter.h"
#include "domains/tracking/run_search.h"
#include "domains/tracking/tracking_fixture.h"

namespace slipway::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Rng = std::mt19937;

int pick(Rng& rng, int count) { return static_cast<int>(rng() % static_cast<unsigned>(count)); }
template <typename T>
const T& choose(Rng& rng, const std::vector<T>& from) {
  return from[static_cast<size_t>(pick(rng, static_cast<int>(from.size())))];
}

// The plain meaning of LIKE over ASCII.
bool like(std::string_view value, std::string_view pattern) {
  if (pattern.empty()) return value.empty();
  if (pattern[0] == '%') {
    for (size_t i = 0; i <= value.size(); ++i) {
      if (like(value.substr(i), pattern.substr(1))) return true;
    }
    return false;
  }
  return !value.empty() && (pattern[0] == '_' || pattern[0] == value[0]) && like(value.substr(1), pattern.substr(1));
}

bool text_holds(Operator op, const std::optional<std::string>& value, const std::string& literal) {
  if (op == Operator::kIsNull) return !value;
  if (op == Operator::kIsNotNull) return value.has_value();
  if (!value) return false;
  if (op == Operator::kEqual) return *value == literal;
  if (op == Operator::kNotEqual) return *value != literal;
  if (op == Operator::kLike) return like(*value, literal);
  return like(text::lower(*value), text::lower(literal));
}

bool number_holds(Operator op, const std::optional<double>& value, double literal) {
  if (!value) return false;
  switch (op) {
    case Operator::kEqual:
      return *value == literal;
    case Operator::kNotEqual:
      return *value != literal;
    case Operator::kLess:
      return *value < literal;
    case Operator::kLessEqual:
      return *value <= literal;
    case Operator::kGreater:
      return *value > literal;
    default:
      return *value >= literal;
  }
}

template <typename Pairs>
std::optional<std::string> text_of(const Pairs& pairs, const std::string& key) {
  for (const auto& pair : pairs) {
    if (pair.key == key) return pair.value;
  }
  return std::nullopt;
}

std::optional<double> metric_of(const tracking::Run& run, const std::string& key) {
  for (const Metric& metric : run.metrics) {
    if (metric.key == key) return metric.value;
  }
  return std::nullopt;
}

bool holds(const tracking::Run& run, const Comparison& comparison) {
  const std::string literal = comparison.values.empty() ? "" : comparison.values[0].text;
  if (comparison.entity == "metrics")
    return number_holds(comparison.op, metric_of(run, comparison.key), std::stod(literal));
  if (comparison.entity == "params") return text_holds(comparison.op, text_of(run.params, comparison.key), literal);
  if (comparison.entity == "tags") return text_holds(comparison.op, text_of(run.tags, comparison.key), literal);
  if (comparison.key == "start_time")
    return number_holds(comparison.op, static_cast<double>(run.info.start_ms), std::stod(literal));
  if (comparison.key == "status") return text_holds(comparison.op, std::string(name_of(run.info.status)), literal);
  return text_holds(comparison.op, run.info.name, literal);
}

// -1, 0 or 1 of two runs by one order key; missing and NaN come last whatever the direction.
int compare_by(const OrderKey& key, const tracking::Run& a, const tracking::Run& b) {
  const auto ranked = [](int rank_a, int rank_b, auto value_a, auto value_b, bool ascending) {
    if (rank_a != rank_b) return rank_a < rank_b ? -1 : 1;
    if (rank_a != 0 || value_a == value_b) return 0;
    return (value_a < value_b) == ascending ? -1 : 1;
  };
  if (key.entity == "metrics") {
    const auto rank = [](const std::optional<double>& value) { return !value ? 2 : std::isnan(*value) ? 1 : 0; };
    const auto left = metric_of(a, key.key);
    const auto right = metric_of(b, key.key);
    return ranked(rank(left), rank(right), left.value_or(0), right.value_or(0), key.ascending);
  }
  if (key.entity == "params") {
    const auto left = text_of(a.params, key.key);
    const auto right = text_of(b.params, key.key);
    return ranked(left ? 0 : 1, right ? 0 : 1, left.value_or(""), right.value_or(""), key.ascending);
  }
  return ranked(0, 0, a.info.name, b.info.name, key.ascending);
}

class RunSearch : public TrackingFixture {
 protected:
  void make_runs(const ExperimentId& id, int count, Rng& rng) {
    const std::vector<std::string> words = {"a", "ab", "Abc", "b%", "x_y", "[q]", "*"};
    for (int i = 0; i < count; ++i) {
      clock_.advance_ms(pick(rng, 2));
      const tracking::Run made = run_in(id, choose(rng, words));
      Batch batch;
      for (const char* key : {"m0", "m1"}) {
        const int kind = pick(rng, 6);
        if (kind > 1) batch.metrics.push_back(point(key, pick(rng, 5) * 0.5));
        if (kind == 1) batch.metrics.push_back(point(key, std::nan("")));
      }
      if (pick(rng, 3) != 0) batch.params.push_back({"p", choose(rng, words)});
      if (pick(rng, 3) != 0) batch.tags.push_back({"t", choose(rng, words)});
      tracking_.log_batch(made.info.id, batch);
      all_.push_back(tracking_.get_run(made.info.id));
    }
  }

  static std::string random_comparison(Rng& rng) {
    const std::vector<std::string> patterns = {"'a'", "'A%'", "'%b%'", "'x_y'", "'_'", "'[q]'", "'*'", "'b%'"};
    const std::vector<std::string> text_operators = {"=", "!=", "LIKE", "ILIKE"};
    const std::vector<std::string> number_operators = {"=", "!=", "<", "<=", ">", ">="};
    const std::vector<std::string> texts = {"params.p", "tags.t", "run_name", "attributes.status"};
    if (pick(rng, 8) == 0)
      return choose(rng, std::vector<std::string>{"params.p", "tags.t"}) +
             (pick(rng, 2) != 0 ? " IS NULL" : " IS NOT NULL");
    if (pick(rng, 2) != 0) return choose(rng, texts) + " " + choose(rng, text_operators) + " " + choose(rng, patterns);
    return text::concat("metrics.m", pick(rng, 2), " ", choose(rng, number_operators), " ", pick(rng, 5) * 0.5);
  }

  std::vector<std::string> naive(const Search& search) const {
    std::vector<tracking::Run> found;
    const auto comparisons = parse_filter(search.filter);
    for (const tracking::Run& run : all_) {
      if (std::all_of(comparisons.begin(), comparisons.end(), [&](const Comparison& one) { return holds(run, one); })) {
        found.push_back(run);
      }
    }
    std::sort(found.begin(), found.end(), [&](const tracking::Run& a, const tracking::Run& b) {
      for (const std::string& text : search.order_by) {
        const int order = compare_by(parse_order_key(text), a, b);
        if (order != 0) return order < 0;
      }
      if (a.info.start_ms != b.info.start_ms) return a.info.start_ms > b.info.start_ms;
      return a.info.id < b.info.id;
    });
    std::vector<std::string> out;
    for (const tracking::Run& run : found) out.push_back(run.info.id.value);
    return out;
  }

  std::vector<std::string> searched(const ExperimentId& id, Search search) {
    std::vector<std::string> out;
    do {
      const auto page = tracking_.search_runs({id}, search);
      for (const tracking::Run& run : page.items) out.push_back(run.info.id.value);
      search.page_token = page.next.value_or("");
    } while (!search.page_token.empty());
    return out;
  }

  std::vector<tracking::Run> all_;
};

TEST_F(RunSearch, AgreesWithTheNaiveEvaluationOnRandomQuestions) {
  Rng rng(20240611);
  const ExperimentId id = experiment();
  make_runs(id, 60, rng);
  const std::vector<std::string> orders = {"metrics.m0 DESC", "metrics.m0", "metrics.m1 ASC",
                                           "params.p DESC",   "params.p",   "run_name"};
  for (int question = 0; question < 300; ++question) {
    Search search;
    search.max_results = 1 + pick(rng, 40);
    for (int i = pick(rng, 4); i > 0; --i)
      search.filter += (search.filter.empty() ? "" : " AND ") + random_comparison(rng);
    if (pick(rng, 2) != 0) search.order_by.push_back(choose(rng, orders));
    EXPECT_EQ(searched(id, search), naive(search)) << search.filter << " order " << text::join(search.order_by, ", ");
  }
}

// Where a search begins never changes what it finds.
TEST_F(RunSearch, EveryPlanFindsTheSame) {
  Rng rng(11);
  const ExperimentId id = experiment("e");
  make_runs(experiment("other"), 20, rng);
  all_.clear();
  make_runs(id, 60, rng);
  const std::vector<std::string> orders = {"metrics.m0 DESC", "metrics.m1 ASC", "params.p ASC", "attributes.run_name"};
  for (int i = 0; i < 200; ++i) {
    Search search;
    search.filter = random_comparison(rng);
    if (pick(rng, 2) != 0) search.filter += " AND " + random_comparison(rng);
    if (pick(rng, 4) != 0) search.order_by.push_back(choose(rng, orders));
    RunQuestion question;
    question.experiments = {number_of(id)};
    question.conditions = run_conditions(database_->dialect(), parse_filter(search.filter));
    question.order_by = parse_run_order(search.order_by);
    struct Limits {
      int64_t few, near, many;
    };
    for (const auto& [few, near, many] :
         std::vector<Limits>{{-1, 0, -1}, {2, 0, 3000}, {2, 7, -1}, {-1, 7, 3000}, {3000, 0, 0}}) {
      question.few = few;
      question.near = near;
      question.many = many;
      for (const int64_t limit : {3, 1000}) {
        std::vector<std::string> found;
        database_->read([&](sql::Transaction& transaction) {
          const auto first = find_runs(transaction, question, PageRequest(1, "", Question("q")));
          if (!first.next) return;
          const PageRequest second(limit, *first.next, Question("q"));
          for (const RunRow& run : find_runs(transaction, question, second).items) found.push_back(run.info.id.value);
        });
        std::vector<std::string> wanted = naive(search);
        if (!wanted.empty()) wanted.erase(wanted.begin());
        wanted.resize(std::min(wanted.size(), static_cast<size_t>(limit)));
        EXPECT_EQ(found, wanted) << search.filter << " order " << text::join(search.order_by, ", ") << " few " << few
                                 << " near " << near << " many " << many << " limit " << limit;
      }
    }
  }
}

TEST_F(RunSearch, LooksOnlyIntoTheExperimentsThatAreNamed) {
  const ExperimentId one = experiment("one");
  const ExperimentId two = experiment("two");
  run_in(one);
  run_in(two);
  EXPECT_THAT(tracking_.search_runs({one}, {}).items, SizeIs(1));
  EXPECT_THAT(tracking_.search_runs({one, two}, {}).items, SizeIs(2));
  EXPECT_THAT(tracking_.search_runs({}, {}).items, IsEmpty());
}

TEST_F(RunSearch, ShowsDeletedRunsOnlyWhenAsked) {
  const ExperimentId id = experiment();
  const RunId gone = run_in(id).info.id;
  const RunId here = run_in(id).info.id;
  tracking_.delete_run(gone);
  Search search;
  EXPECT_EQ(tracking_.search_runs({id}, search).items.at(0).info.id, here);
  search.visibility = Visibility::kDeleted;
  EXPECT_EQ(tracking_.search_runs({id}, search).items.at(0).info.id, gone);
  search.visibility = Visibility::kAll;
  EXPECT_THAT(tracking_.search_runs({id}, search).items, SizeIs(2));
}

TEST_F(RunSearch, FindsRunsByTheirDatasets) {
  const ExperimentId id = experiment();
  const RunId run = run_in(id).info.id;
  run_in(id);
  DatasetInput input;
  input.dataset = {"flights", "d1", "local", "{}", std::nullopt, std::nullopt};
  input.tags = {{"mlflow.data.context", "train"}};
  tracking_.log_inputs(run, {input}, {});
  for (const char* filter :
       {"dataset.name = 'flights'", "datasets.digest IN ('d0', 'd1')", "dataset.context LIKE 'tr%'"}) {
    Search search;
    search.filter = filter;
    const auto found = tracking_.search_runs({id}, search).items;
    ASSERT_THAT(found, SizeIs(1)) << filter;
    EXPECT_EQ(found[0].info.id, run);
    EXPECT_THAT(found[0].dataset_inputs, SizeIs(1));
  }
}

TEST_F(RunSearch, LongValuesAreComparedWhole) {
  const ExperimentId id = experiment();
  const std::string start(150, 'x');
  const RunId run = run_in(id, "", {{"long", start + "1"}}).info.id;
  run_in(id, "", {{"long", start + "2"}});
  Search search;
  search.filter = "tags.long = '" + start + "1'";
  const auto found = tracking_.search_runs({id}, search).items;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].info.id, run);
}

TEST_F(RunSearch, WhatItCannotAnswerIsRefusedWithAReason) {
  const ExperimentId id = experiment();
  const auto fault_of = [&](const std::string& filter, std::vector<std::string> order = {}, int64_t most = 10) {
    Search search;
    search.filter = filter;
    search.order_by = std::move(order);
    search.max_results = most;
    return fault(ErrorCode::kInvalidArgument, [&] { tracking_.search_runs({id}, search); });
  };
  EXPECT_THAT(fault_of("acc.k > 1"), HasSubstr("Invalid entity type 'acc'"));
  EXPECT_THAT(fault_of("metrics.a LIKE 'x'"), HasSubstr("Invalid comparison operator"));
  EXPECT_THAT(fault_of("metrics.a > '1'"), HasSubstr("Expected numeric value"));
  EXPECT_THAT(fault_of("params.a > '1'"), HasSubstr("Invalid comparison operator"));
  EXPECT_THAT(fault_of("params.a = 1"), HasSubstr("Expected a quoted string"));
  EXPECT_THAT(fault_of("attributes.nothing = 'x'"), HasSubstr("Invalid attribute key"));
  EXPECT_THAT(fault_of("dataset.size = 'x'"), HasSubstr("Invalid dataset key"));
  EXPECT_THAT(fault_of("", {"metrics.a", "metrics.a DESC"}), HasSubstr("duplicate"));
  EXPECT_THAT(fault_of("", {"dataset.name"}), HasSubstr("order_by"));
  EXPECT_THAT(fault_of("", {}, 50'001), HasSubstr("at most 50000"));
}

TEST_F(RunSearch, OrderOfLoggedModelsByMetricPutsMissingLast) {
  const ExperimentId id = experiment();
  const RunId run = run_in(id).info.id;
  std::vector<LoggedModelId> made;
  for (int i = 0; i < 3; ++i) {
    NewLoggedModel model;
    model.experiment_id = id;
    model.name = text::concat("model", i);
    made.push_back(models_.create(model).id);
    if (i == 1) continue;
    Metric metric = point("acc", i, 1);
    metric.model_id = made.back();
    metric.dataset_name = i == 0 ? "train" : "test";
    metric.dataset_digest = i == 0 ? "d1" : "d2";
    tracking_.log_metric(run, metric);
  }
  LoggedModelSearch search;
  search.experiments = {id};
  search.order_by = {{"metrics.acc", false, {}}};
  std::vector<std::string> names;
  for (const LoggedModel& model : models_.search(search).items) names.push_back(model.name);
  EXPECT_THAT(names, ElementsAre("model2", "model0", "model1"));
  search.order_by = {{"metrics.acc", false, {"", "d1"}}};
  EXPECT_EQ(models_.search(search).items[0].name, "model0") << "on that digest the others have none";
  search.order_by = {{"metrics.acc", false, {}}};
  search.filter = "metrics.acc >= 0 AND name LIKE 'model%' AND status = 'PENDING'";
  search.datasets = {{"train", ""}};
  ASSERT_THAT(models_.search(search).items, SizeIs(1));
  search.max_results = 1;
  search.datasets.clear();
  const auto token = models_.search(search).next;
  ASSERT_TRUE(token.has_value());
  search.page_token = *token;
  EXPECT_THAT(models_.search(search).items, SizeIs(1));
  search.filter = "name = 'other'";
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { models_.search(search); }), HasSubstr("Invalid page token"));
}

TEST_F(RunSearch, LoggedModelsLiveThroughTheirStates) {
  NewLoggedModel model;
  model.experiment_id = experiment();
  model.params = {{"depth", "3"}};
  const LoggedModel made = models_.create(model);
  EXPECT_EQ(made.status, LoggedModelStatus::kPending);
  EXPECT_THAT(made.artifact_uri, HasSubstr("/models/" + made.id.value + "/artifacts"));
  EXPECT_EQ(models_.finish(made.id, LoggedModelStatus::kReady).status, LoggedModelStatus::kReady);
  models_.set_tags(made.id, {{"a", "b"}});
  models_.delete_tag(made.id, "a");
  fault(ErrorCode::kNotFound, [&] { models_.delete_tag(made.id, "a"); });
  LoggedModelSearch search;
  search.experiments = {model.experiment_id};
  search.filter = "params.depth = 3";
  EXPECT_THAT(models_.search(search).items, SizeIs(1));
  models_.remove(made.id);
  fault(ErrorCode::kNotFound, [&] { models_.get(made.id); });
  EXPECT_EQ(models_.get_even_deleted(made.id).lifecycle, Lifecycle::kDeleted);
  EXPECT_THAT(models_.search(search).items, IsEmpty());
  model.name = "a/b";
  fault(ErrorCode::kInvalidArgument, [&] { models_.create(model); });
}

}  // namespace
}  // namespace slipway::tracking
