// The rows of pipelines and their runs. Used by Pipelines only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/pipelines/pipelines.h"

namespace slipway::pipelines::store {

// Why a run failed that its server did not see to its end.
inline constexpr const char* kServerStopped = "the server stopped during this run";

void migrate(sql::Database& database);
void put_pipeline(sql::Transaction& transaction, const Pipeline& pipeline);
// False when there is none of this name.
bool remove_pipeline(sql::Transaction& transaction, const std::string& name);
std::optional<Pipeline> find_pipeline(sql::Transaction& transaction, const std::string& name);
std::vector<Pipeline> list_pipelines(sql::Transaction& transaction);
void put_run(sql::Transaction& transaction, const PipelineRun& run);
std::optional<PipelineRun> find_run(sql::Transaction& transaction, const std::string& id);
// The id of a queued or running run of that pipeline.
std::optional<std::string> find_unfinished(sql::Transaction& transaction, const std::string& pipeline);
std::vector<PipelineRun> list_runs(sql::Transaction& transaction, const std::string& pipeline, int limit);

// Runs that wait for another one of their pipeline: nobody has them in hand.
int64_t count_waiting(sql::Transaction& transaction, const std::string& pipeline);
std::optional<PipelineRun> find_waiting(sql::Transaction& transaction, const std::string& pipeline);  // the oldest
std::vector<std::string> pipelines_with_waiting(sql::Transaction& transaction);
// False when it does not wait any more.
bool end_waiting(sql::Transaction& transaction, const std::string& run, RunState becomes, int64_t ended_ms);

// A server that has a run in hand holds a lease on it, and renews it while it lives.
void lease(sql::Transaction& transaction, const std::string& run, int64_t ends_ms);
// A run that ended meanwhile stays ended.
void renew(sql::Transaction& transaction, const std::string& run, int64_t ends_ms);
void end_lease(sql::Transaction& transaction, const std::string& run);
void end_all_leases(sql::Transaction& transaction);
// False when nobody has the run in hand.
bool ask_to_cancel(sql::Transaction& transaction, const std::string& run, int64_t now_ms);
bool is_cancelled(sql::Transaction& transaction, const std::string& run);
bool has_abandoned(sql::Transaction& transaction, int64_t now_ms);
void fail_abandoned(sql::Transaction& transaction, int64_t now_ms);

}  // namespace slipway::pipelines::store
