// The rows of pipelines and their runs. Used by Pipelines only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/pipelines/pipelines.h"

namespace slipway::pipelines::store {

void migrate(sql::Database& database);
void put_pipeline(sql::Transaction& transaction, const Pipeline& pipeline);
std::optional<Pipeline> find_pipeline(sql::Transaction& transaction, const std::string& name);
std::vector<Pipeline> list_pipelines(sql::Transaction& transaction);
void put_run(sql::Transaction& transaction, const PipelineRun& run);
std::optional<PipelineRun> find_run(sql::Transaction& transaction, const std::string& id);
// The id of a queued or running run of that pipeline.
std::optional<std::string> find_unfinished(sql::Transaction& transaction, const std::string& pipeline);
std::vector<PipelineRun> list_runs(sql::Transaction& transaction, const std::string& pipeline, int limit);
void fail_unfinished(sql::Transaction& transaction, int64_t now_ms);

}  // namespace slipway::pipelines::store
