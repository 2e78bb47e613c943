#include "app/cli/stage_events.h"

#include "app/cli/api.h"
#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/log.h"

namespace slipway::cli {

void report_stages(const data::ReproduceResult& result) {
  const std::string url = server_url("");
  if (url.empty()) return;
  try {
    Api api(url, server_authorization());
    for (const data::StageResult& stage : result.stages) {
      if (stage.outcome == data::StageOutcome::kNotReached) continue;
      const json::object attributes = {{"outcome", data::name_of(stage.outcome)},
                                       {"duration_ms", std::to_string(stage.duration_ms)},
                                       {"detail", stage.error}};
      api.post("/api/slipway/v1/events", json::write(json::object{{"kind", "stage.finished"},
                                                                  {"subject", stage.name},
                                                                  {"time_ms", stage.ended_ms},
                                                                  {"attributes", attributes}}));
    }
  } catch (const Error& error) {
    // An MLflow server has no such call; that is fine.
    if (error.code() != ErrorCode::kNotFound) log::warning("stages were not reported", {{"reason", error.what()}});
  }
}

}  // namespace slipway::cli
