#include "domains/pipelines/pipelines.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "foundation/base/error.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::pipelines {
namespace {

Pipeline retrain() {
  Pipeline out;
  out.name = "retrain";
  out.folder = "/project";
  out.steps = {Step{{"params", "set", "until={{window_end}}"}}, Step{{"repro"}}};
  return out;
}

class PipelinesTest : public testing::Test {
 protected:
  PipelineRun wait_for_end(Pipelines& pipelines, const std::string& id) {
    for (int i = 0; i < 5000; ++i) {
      PipelineRun run = pipelines.get_run(id);
      if (run.ended_ms != 0) return run;
      jobs::Cancellation().wait_for_ms(2);
    }
    throw internal_error("the run did not end");
  }

  std::unique_ptr<sql::Database> database_ = sql::open_database("sqlite::memory:");
  ManualClock clock_{5000};
  RandomIdSource ids_;
  jobs::EventBus bus_;
};

TEST_F(PipelinesTest, StepsRunInOrderWithTheTriggersAttributes) {
  std::vector<std::string> seen;
  Pipelines pipelines(*database_, clock_, ids_, bus_,
                      [&](const auto& arguments, const auto&, const auto&, const auto& on_line, const auto&) {
                        seen.push_back(text::join(arguments, " "));
                        on_line("done");
                        return 0;
                      });
  pipelines.put(retrain());
  const auto started = pipelines.start("retrain", "manual", {{"window_end", "2013-10-01"}});
  const PipelineRun run = wait_for_end(pipelines, started.id);
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(seen, (std::vector<std::string>{"params set until=2013-10-01", "repro"}));
  EXPECT_EQ(run.steps.size(), 2U);
  EXPECT_NE(run.log.find("$ slipway repro\ndone\n"), std::string::npos);
}

TEST_F(PipelinesTest, AFailingStepEndsTheRunAndSaysWhich) {
  Pipelines pipelines(*database_, clock_, ids_, bus_,
                      [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 3; });
  pipelines.put(retrain());
  const PipelineRun run = wait_for_end(pipelines, pipelines.start("retrain", "manual", {{"window_end", "x"}}).id);
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.message, "step 'params set until=x' ended with exit code 3");
  EXPECT_EQ(run.steps.size(), 1U);
}

TEST_F(PipelinesTest, AVerdictOfNoIsARefusal) {
  Pipelines pipelines(*database_, clock_, ids_, bus_,
                      [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 1; });
  pipelines.put(retrain());
  const PipelineRun run = wait_for_end(pipelines, pipelines.start("retrain", "manual", {{"window_end", "x"}}).id);
  EXPECT_EQ(run.state, RunState::kRefused);
  EXPECT_EQ(run.message, "step 'params set until=x' gave the verdict no");
  EXPECT_EQ(pipelines.list_runs("retrain", 1)[0].state, RunState::kRefused) << "as it is stored";
}

TEST_F(PipelinesTest, ASecondRunAtTheSameTimeIsAConflictAndCancelEndsTheFirst) {
  std::promise<void> entered;
  Pipelines pipelines(*database_, clock_, ids_, bus_,
                      [&](const auto&, const auto&, const auto&, const auto&, const jobs::Cancellation& cancellation) {
                        entered.set_value();
                        cancellation.wait_for_ms(60'000);
                        return 143;
                      });
  pipelines.put(retrain());
  const auto first = pipelines.start("retrain", "manual", {{"window_end", "x"}});
  entered.get_future().wait();
  EXPECT_THROW(pipelines.start("retrain", "manual", {{"window_end", "x"}}), Error);
  EXPECT_THROW(pipelines.remove("retrain"), Error) << "it runs";
  pipelines.cancel(first.id);
  EXPECT_EQ(wait_for_end(pipelines, first.id).state, RunState::kCancelled);
  pipelines.remove("retrain");
  EXPECT_FALSE(pipelines.find("retrain").has_value());
  EXPECT_EQ(pipelines.get_run(first.id).pipeline, "retrain") << "its runs are kept";
  EXPECT_THROW(pipelines.remove("retrain"), Error);
}

// Runs that hold the first one back until told.
struct Gate {
  std::promise<void> entered;
  std::promise<void> opened;
  std::atomic<int> runs{0};

  StepRunner runner() {
    return [this](const auto& arguments, const auto&, const auto&, const auto&, const auto&) {
      if (arguments.at(0) == "repro" || runs++ > 0) return 0;
      entered.set_value();
      opened.get_future().wait();
      return 0;
    };
  }
};

TEST_F(PipelinesTest, AlertsWaitForTheRunUnderWayAndForEachOther) {
  Gate gate;
  Pipelines pipelines(*database_, clock_, ids_, bus_, gate.runner());
  pipelines.put(retrain());
  std::vector<std::string> runs = {pipelines.start("retrain", "manual", {{"window_end", "x"}}).id};
  gate.entered.get_future().wait();
  for (int i = 0; i < 4; ++i) {
    const PipelineRun run = pipelines.start_or_wait("retrain", "alert", {{"window_end", "x"}});
    EXPECT_EQ(run.state, RunState::kWaiting);
    runs.push_back(run.id);
  }
  const std::string unwanted = pipelines.start_or_wait("retrain", "alert", {{"window_end", "x"}}).id;
  pipelines.cancel(unwanted);
  gate.opened.set_value();
  for (const std::string& run : runs) EXPECT_EQ(wait_for_end(pipelines, run).state, RunState::kSucceeded);
  EXPECT_EQ(pipelines.get_run(unwanted).state, RunState::kCancelled);
  EXPECT_EQ(gate.runs, 5);
}

TEST_F(PipelinesTest, WhatWaitsOutlivesARestart) {
  std::string waiting;
  {
    Gate gate;
    Pipelines first(*database_, clock_, ids_, bus_, gate.runner());
    first.put(retrain());
    first.start("retrain", "manual", {{"window_end", "x"}});
    gate.entered.get_future().wait();
    waiting = first.start_or_wait("retrain", "alert", {{"window_end", "x"}}).id;
    database_->write([&](sql::Transaction& transaction) {
      transaction.execute(
          "CREATE TRIGGER disk_full BEFORE UPDATE ON pipeline_runs BEGIN SELECT RAISE(ABORT, 'full'); END");
    });
    gate.opened.set_value();
  }
  database_->write([](sql::Transaction& transaction) { transaction.execute("DROP TRIGGER disk_full"); });
  Pipelines second(*database_, clock_, ids_, bus_,
                   [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 0; });
  EXPECT_EQ(second.get_run(waiting).state, RunState::kWaiting);
  second.look_after_runs();
  EXPECT_EQ(wait_for_end(second, waiting).state, RunState::kSucceeded);
}

TEST_F(PipelinesTest, AStopDoesNotWaitForTheSteps) {
  std::string id;
  {
    std::promise<void> entered;
    Pipelines pipelines(*database_, clock_, ids_, bus_,
                        [&](const auto&, const auto&, const auto&, const auto&, const auto& cancellation) {
                          entered.set_value();
                          return cancellation.wait_for_ms(60'000) ? 143 : 0;
                        });
    pipelines.put(retrain());
    id = pipelines.start("retrain", "manual", {{"window_end", "x"}}).id;
    entered.get_future().wait();
  }
  const Pipelines next(*database_, clock_, ids_, bus_,
                       [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 0; });
  EXPECT_EQ(next.get_run(id).state, RunState::kFailed);
  EXPECT_EQ(next.get_run(id).message, "the server stopped during this run");
}

TEST_F(PipelinesTest, TooManyThatWaitAreRefused) {
  Gate gate;
  Pipelines pipelines(*database_, clock_, ids_, bus_, gate.runner());
  pipelines.put(retrain());
  pipelines.start("retrain", "manual", {{"window_end", "x"}});
  gate.entered.get_future().wait();
  for (int i = 0; i < 100; ++i) pipelines.start_or_wait("retrain", "alert", {{"window_end", "x"}});
  try {
    pipelines.start_or_wait("retrain", "alert", {{"window_end", "x"}});
    ADD_FAILURE() << "it waits, too";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kResourceExhausted);
  }
  gate.opened.set_value();
}

TEST_F(PipelinesTest, ARunEndsThoughItsWritesFailForAWhile) {
  const auto refuse = [this] {
    database_->write([](sql::Transaction& transaction) {
      transaction.execute(
          "CREATE TRIGGER disk_full BEFORE UPDATE ON pipeline_runs BEGIN SELECT RAISE(ABORT, 'full'); END");
    });
  };
  std::promise<void> last_step;
  Pipelines pipelines(*database_, clock_, ids_, bus_,
                      [&](const auto& arguments, const auto&, const auto&, const auto&, const auto&) {
                        if (arguments.at(0) == "repro") last_step.set_value();
                        return 0;
                      });
  pipelines.put(retrain());
  refuse();
  const std::string id = pipelines.start("retrain", "manual", {{"window_end", "x"}}).id;
  last_step.get_future().wait();
  jobs::Cancellation().wait_for_ms(50);
  EXPECT_THROW(pipelines.start("retrain", "manual", {{"window_end", "x"}}), Error) << "its end is not written yet";
  database_->write([](sql::Transaction& transaction) { transaction.execute("DROP TRIGGER disk_full"); });
  EXPECT_EQ(wait_for_end(pipelines, id).state, RunState::kSucceeded);
  const auto second = pipelines.get_run(id);
  EXPECT_EQ(second.steps.size(), 2U);
}

TEST_F(PipelinesTest, ARunThatACrashCutShortIsMarkedFailedAtTheNextStart) {
  const auto succeed = [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 0; };
  {
    const Pipelines first(*database_, clock_, ids_, bus_, succeed);
    database_->write([](sql::Transaction& transaction) {
      transaction.execute(
          "INSERT INTO pipeline_runs VALUES ('r', 'retrain', 'running', 'manual', '{}', '[]', '', '', 1, 1, 0)");
    });
  }
  const Pipelines second(*database_, clock_, ids_, bus_, succeed);
  EXPECT_EQ(second.get_run("r").state, RunState::kFailed);
  EXPECT_EQ(second.get_run("r").message, "the server stopped during this run");
}

// Each with a connection of its own, as two processes have.
TEST_F(PipelinesTest, ARunOfAnotherServerGoesOnAndItsEndIsNoticed) {
  const std::string url = sql::PrivatePostgres::instance().new_database();
  const auto database = sql::open_database(url);
  std::promise<void> entered;
  const auto wait = [&](const auto&, const auto&, const auto&, const auto&, const jobs::Cancellation& cancellation) {
    entered.set_value();
    cancellation.wait_for_ms(60'000);
    return 143;
  };
  Pipelines first(*database, clock_, ids_, bus_, wait);
  first.put(retrain());
  const std::string run = first.start("retrain", "manual", {{"window_end", "x"}}).id;
  entered.get_future().wait();
  const auto other_database = sql::open_database(url);
  Pipelines second(*other_database, clock_, ids_, bus_, wait);
  EXPECT_EQ(second.get_run(run).state, RunState::kRunning) << "a second server starts";
  EXPECT_THROW(second.start("retrain", "manual", {{"window_end", "x"}}), Error);
  clock_.advance_ms(50'000);
  first.look_after_runs();
  clock_.advance_ms(50'000);
  second.look_after_runs();
  EXPECT_EQ(second.get_run(run).state, RunState::kRunning) << "the first said that it goes on";
  second.cancel(run);
  first.look_after_runs();
  EXPECT_EQ(wait_for_end(second, run).state, RunState::kCancelled);
  EXPECT_THROW(second.cancel(run), Error);
}

TEST_F(PipelinesTest, WhatADeadServerLeftIsMarkedFailedByAnotherOne) {
  const auto database = sql::open_database(sql::PrivatePostgres::instance().new_database());
  const auto succeed = [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 0; };
  Pipelines living(*database, clock_, ids_, bus_, succeed);
  database->write([&](sql::Transaction& transaction) {
    transaction.execute(
        "INSERT INTO pipeline_runs VALUES ('r', 'retrain', 'running', 'manual', '{}', '[]', '', '', 1, 1, 0)");
    transaction.execute("INSERT INTO pipeline_leases VALUES ('r', ?, 0)", {clock_.now_ms() + 60'000});
  });
  living.look_after_runs();
  EXPECT_EQ(living.get_run("r").state, RunState::kRunning) << "it may be alive";
  clock_.advance_ms(60'000);
  living.look_after_runs();
  EXPECT_EQ(living.get_run("r").message, "the server stopped during this run");
}

TEST(FillIn, TimesCanBeMoved) {
  const std::map<std::string, std::string> attributes = {{"window_end", "2013-10-15T00:00:00.000Z"}, {"rule", "auc"}};
  EXPECT_EQ(fill_in("until={{window_end - 14d}}!", attributes), "until=2013-10-01T00:00:00.000Z!");
  EXPECT_EQ(fill_in("{{ window_end + 1h }}", attributes), "2013-10-15T01:00:00.000Z");
  EXPECT_EQ(fill_in("{{at - 0d}}", {{"at", "1381795200000"}}), "2013-10-15T00:00:00.000Z");
  EXPECT_EQ(fill_in("{{rule}} {{rule}} {{open", attributes), "auc auc {{open");
  EXPECT_THROW(fill_in("{{rule - 1d}}", attributes), Error);
  EXPECT_THROW(fill_in("{{window_end - soon}}", attributes), Error);
}

TEST_F(PipelinesTest, BadDefinitionsAreRefused) {
  Pipelines pipelines(*database_, clock_, ids_, bus_,
                      [](const auto&, const auto&, const auto&, const auto&, const auto&) { return 0; });
  Pipeline relative = retrain();
  relative.folder = "project";
  EXPECT_THROW(pipelines.put(relative), Error);
  Pipeline empty = retrain();
  empty.steps.clear();
  EXPECT_THROW(pipelines.put(empty), Error);
  pipelines.put(retrain());
  EXPECT_THROW(pipelines.start("retrain", "manual", {}), Error) << "window_end has no value";
}

}  // namespace
}  // namespace slipway::pipelines
