// Promotion decisions: a challenger was compared with the champion on the same window, and passed or was refused. The
// decision, its numbers and its reason are kept for good; the alias moves only together with a passing decision.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/jobs/event_bus.h"
#include "foundation/sql/database.h"

namespace slipway::governance {

enum class Verdict { kPromoted, kRefused };
std::string_view name_of(Verdict verdict);

struct Decision {
  std::string id;
  std::string model;
  std::string alias;  // the alias that was at stake: "champion"
  std::string challenger_version;
  std::string champion_version;  // "" when there was none
  Verdict verdict = Verdict::kRefused;
  std::string reason;           // one sentence for people
  std::string report;           // the evaluation's JSON: every gate with its number and limit
  std::string pipeline_run;     // "" when made by hand
  int64_t window_start_ms = 0;  // of the rows both were judged on
  int64_t window_end_ms = 0;
  int64_t time_ms = 0;
};

// Moves the alias; throws when the version is gone. Given by the composition root, so governance needs no registry.
using AliasMover = std::function<void(const std::string& model, const std::string& alias, const std::string& version)>;
// Who holds the alias now, "" for nobody.
using AliasReader = std::function<std::string(const std::string& model, const std::string& alias)>;

class Promotions {
 public:
  Promotions(sql::Database& database, const Clock& clock, IdSource& ids, jobs::EventBus& bus, AliasReader reader,
             AliasMover mover);

  // Records the decision and, when it promotes, moves the alias. Throws conflict when the alias has moved away from
  // `champion_version` since the comparison was made: it would compare with the wrong model. Publishes
  // "promotion.promoted" or "promotion.refused".
  Decision decide(Decision decision);
  // Newest first.
  std::vector<Decision> list(const std::string& model, int limit) const;

 private:
  sql::Database& database_;
  const Clock& clock_;
  IdSource& ids_;
  jobs::EventBus& bus_;
  AliasReader read_alias_;
  AliasMover move_alias_;
};

}  // namespace slipway::governance
