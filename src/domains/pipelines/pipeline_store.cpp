#include "domains/pipelines/pipeline_store.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::pipelines::store {

namespace {

const std::vector<sql::Migration> kMigrations = {
    {1, "pipelines and their runs", R"(
      CREATE TABLE pipelines (
        name TEXT PRIMARY KEY,
        folder TEXT NOT NULL,
        steps TEXT NOT NULL,
        timeout_ms BIGINT NOT NULL
      );
      CREATE TABLE pipeline_runs (
        id TEXT PRIMARY KEY,
        pipeline TEXT NOT NULL,
        state TEXT NOT NULL,
        trigger_name TEXT NOT NULL,
        attributes TEXT NOT NULL,
        steps TEXT NOT NULL,
        message TEXT NOT NULL,
        log TEXT NOT NULL,
        created_ms BIGINT NOT NULL,
        started_ms BIGINT NOT NULL,
        ended_ms BIGINT NOT NULL
      );
      CREATE INDEX pipeline_runs_by_pipeline ON pipeline_runs (pipeline, created_ms);
      CREATE INDEX pipeline_runs_by_state ON pipeline_runs (state);
    )"},
    // Which runs some server has in hand; it says so again and again.
    {2, "leases of runs", R"(
      CREATE TABLE pipeline_leases (
        run TEXT PRIMARY KEY,
        ends_ms BIGINT NOT NULL,
        cancelled BIGINT NOT NULL
      );
    )"},
};

constexpr int kMaxPage = 1000;
// Unfinished, and nobody has it in hand.
constexpr std::string_view kAbandoned =
    "state IN ('queued', 'running') AND NOT EXISTS (SELECT 1 FROM pipeline_leases l WHERE l.run = pipeline_runs.id AND "
    "l.ends_ms > ?)";
constexpr std::string_view kRunColumns =
    "id, pipeline, state, trigger_name, attributes, steps, message, log, created_ms, started_ms, ended_ms";

std::string steps_text(const std::vector<Step>& steps) {
  json::array out;
  for (const Step& step : steps) {
    json::array arguments;
    for (const std::string& argument : step.arguments) arguments.emplace_back(argument);
    out.emplace_back(std::move(arguments));
  }
  return json::write(out);
}

Pipeline pipeline_of(const sql::Row& row) {
  Pipeline out;
  out.name = row.get_text(0);
  out.folder = row.get_text(1);
  const json::value steps = json::parse(row.get_text(2));
  for (const json::value& step : steps.as_array()) {
    Step one;
    for (const json::value& argument : step.as_array()) one.arguments.emplace_back(argument.as_string());
    out.steps.push_back(std::move(one));
  }
  out.timeout_ms = row.get_int(3);
  return out;
}

std::string results_text(const std::vector<StepResult>& results) {
  json::array out;
  for (const StepResult& result : results) {
    out.emplace_back(json::object{
        {"command", result.command}, {"exit_code", result.exit_code}, {"duration_ms", result.duration_ms}});
  }
  return json::write(out);
}

RunState state_of(const std::string& name) {
  for (const RunState state : {RunState::kWaiting, RunState::kQueued, RunState::kRunning, RunState::kSucceeded,
                               RunState::kRefused, RunState::kFailed}) {
    if (name == name_of(state)) return state;
  }
  return RunState::kCancelled;
}

PipelineRun run_of(const sql::Row& row) {
  PipelineRun out;
  out.id = row.get_text(0);
  out.pipeline = row.get_text(1);
  out.state = state_of(row.get_text(2));
  out.trigger = row.get_text(3);
  const json::value attributes = json::parse(row.get_text(4));
  for (const auto& member : attributes.as_object()) {
    out.attributes[member.key()] = std::string(member.value().as_string());
  }
  const json::value steps = json::parse(row.get_text(5));
  for (const json::value& step : steps.as_array()) {
    const json::object& fields = step.as_object();
    StepResult result;
    result.command = json::get_string(fields, "command");
    result.exit_code = static_cast<int>(json::get_int(fields, "exit_code"));
    result.duration_ms = json::get_int(fields, "duration_ms");
    out.steps.push_back(std::move(result));
  }
  out.message = row.get_text(6);
  out.log = row.get_text(7);
  out.created_ms = row.get_int(8);
  out.started_ms = row.get_int(9);
  out.ended_ms = row.get_int(10);
  return out;
}

}  // namespace

void migrate(sql::Database& database) { database.migrate("pipelines", kMigrations); }

void put_pipeline(sql::Transaction& transaction, const Pipeline& pipeline) {
  transaction.execute(
      "INSERT INTO pipelines (name, folder, steps, timeout_ms) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
      "folder = excluded.folder, steps = excluded.steps, timeout_ms = excluded.timeout_ms",
      {pipeline.name, pipeline.folder, steps_text(pipeline.steps), pipeline.timeout_ms});
}

bool remove_pipeline(sql::Transaction& transaction, const std::string& name) {
  return transaction.execute("DELETE FROM pipelines WHERE name = ?", {name}) > 0;
}

std::optional<Pipeline> find_pipeline(sql::Transaction& transaction, const std::string& name) {
  return transaction.query_one<Pipeline>("SELECT name, folder, steps, timeout_ms FROM pipelines WHERE name = ?", {name},
                                         pipeline_of);
}

std::vector<Pipeline> list_pipelines(sql::Transaction& transaction) {
  return transaction.query_all<Pipeline>(
      "SELECT name, folder, steps, timeout_ms FROM pipelines ORDER BY name LIMIT 1000", {}, pipeline_of);
}

void put_run(sql::Transaction& transaction, const PipelineRun& run) {
  json::object attributes;
  for (const auto& [name, value] : run.attributes) attributes[name] = value;
  transaction.execute(
      "INSERT INTO pipeline_runs (id, pipeline, state, trigger_name, attributes, steps, message, log, created_ms, "
      "started_ms, "
      "ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, "
      "steps = excluded.steps, message = excluded.message, log = excluded.log, started_ms = excluded.started_ms, "
      "ended_ms = excluded.ended_ms",
      {run.id, run.pipeline, std::string(name_of(run.state)), run.trigger, json::write(attributes),
       results_text(run.steps), run.message, run.log, run.created_ms, run.started_ms, run.ended_ms});
}

std::optional<PipelineRun> find_run(sql::Transaction& transaction, const std::string& id) {
  return transaction.query_one<PipelineRun>(text::concat("SELECT ", kRunColumns, " FROM pipeline_runs WHERE id = ?"),
                                            {id}, run_of);
}

std::optional<std::string> find_unfinished(sql::Transaction& transaction, const std::string& pipeline) {
  return transaction.query_one<std::string>(
      "SELECT id FROM pipeline_runs WHERE pipeline = ? AND state IN ('queued', 'running') ORDER BY created_ms LIMIT 1",
      {pipeline}, [](const sql::Row& row) { return row.get_text(0); });
}

std::vector<PipelineRun> list_runs(sql::Transaction& transaction, const std::string& pipeline, int limit) {
  return transaction.query_all<PipelineRun>(
      text::concat("SELECT ", kRunColumns,
                   " FROM pipeline_runs WHERE ? IN ('', pipeline) ORDER BY created_ms DESC, id LIMIT ?"),
      {pipeline, int64_t{std::clamp(limit, 1, kMaxPage)}}, run_of);
}

int64_t count_waiting(sql::Transaction& transaction, const std::string& pipeline) {
  return transaction
      .query_int("SELECT count(*) FROM pipeline_runs WHERE state = 'waiting' AND pipeline = ?", {pipeline})
      .value_or(0);
}

std::optional<PipelineRun> find_waiting(sql::Transaction& transaction, const std::string& pipeline) {
  return transaction.query_one<PipelineRun>(
      text::concat("SELECT ", kRunColumns,
                   " FROM pipeline_runs WHERE state = 'waiting' AND pipeline = ? ORDER BY created_ms, id LIMIT 1"),
      {pipeline}, run_of);
}

std::vector<std::string> pipelines_with_waiting(sql::Transaction& transaction) {
  return transaction.query_all<std::string>("SELECT DISTINCT pipeline FROM pipeline_runs WHERE state = 'waiting'", {},
                                            [](const sql::Row& row) { return row.get_text(0); });
}

bool end_waiting(sql::Transaction& transaction, const std::string& run, RunState becomes, int64_t ended_ms) {
  return transaction.execute("UPDATE pipeline_runs SET state = ?, ended_ms = ? WHERE id = ? AND state = 'waiting'",
                             {std::string(name_of(becomes)), ended_ms, run}) > 0;
}

void lease(sql::Transaction& transaction, const std::string& run, int64_t ends_ms) {
  transaction.execute("INSERT INTO pipeline_leases (run, ends_ms, cancelled) VALUES (?, ?, 0)", {run, ends_ms});
}

void renew(sql::Transaction& transaction, const std::string& run, int64_t ends_ms) {
  transaction.execute("UPDATE pipeline_leases SET ends_ms = ? WHERE run = ?", {ends_ms, run});
}

void end_lease(sql::Transaction& transaction, const std::string& run) {
  transaction.execute("DELETE FROM pipeline_leases WHERE run = ?", {run});
}

void end_all_leases(sql::Transaction& transaction) { transaction.execute("DELETE FROM pipeline_leases"); }

bool ask_to_cancel(sql::Transaction& transaction, const std::string& run, int64_t now_ms) {
  return transaction.execute("UPDATE pipeline_leases SET cancelled = 1 WHERE run = ? AND ends_ms > ?", {run, now_ms}) >
         0;
}

bool is_cancelled(sql::Transaction& transaction, const std::string& run) {
  return transaction.query_int("SELECT cancelled FROM pipeline_leases WHERE run = ?", {run}).value_or(0) != 0;
}

bool has_abandoned(sql::Transaction& transaction, int64_t now_ms) {
  return transaction.query_int(text::concat("SELECT 1 FROM pipeline_runs WHERE ", kAbandoned, " LIMIT 1"), {now_ms})
      .has_value();
}

void fail_abandoned(sql::Transaction& transaction, int64_t now_ms) {
  transaction.execute(
      text::concat("UPDATE pipeline_runs SET state = 'failed', message = ?, ended_ms = ? WHERE ", kAbandoned),
      {kServerStopped, now_ms, now_ms});
  transaction.execute("DELETE FROM pipeline_leases WHERE ends_ms <= ?", {now_ms});
}

}  // namespace slipway::pipelines::store
