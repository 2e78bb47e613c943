// What a scorer is: a judge of answers that an experiment keeps under a name, in versions. What it consists of is the
// client's business. Used by Scorers and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domains/tracking/experiment.h"

namespace slipway::genai {

using tracking::ExperimentId;

using ScorerId = Id<struct ScorerIdTag>;

struct ScorerVersion {
  ScorerId scorer_id;
  ExperimentId experiment_id;
  std::string name;
  int64_t version = 0;
  std::string definition;  // as the client wrote it
  int64_t created_ms = 0;
};

// How many new traces of its experiment, and which, a scorer is to judge. Kept for whoever does the judging.
struct OnlineScoring {
  std::string id;
  ScorerId scorer_id;
  ExperimentId experiment_id;
  double sample_rate = 0;             // 0 to 1
  std::optional<std::string> filter;  // of a search for traces
};

}  // namespace slipway::genai
