// All of the genai domain behind one door: what app/server builds and protocols are given.
#pragma once

#include "domains/genai/datasets.h"
#include "domains/genai/issues.h"
#include "domains/genai/scorers.h"
#include "domains/traces/tracing.h"

namespace slipway::genai {

class Genai {
 public:
  // Brings the tables up to date; searches join those of traces, so Tracing comes first. Everything must outlive it.
  Genai(sql::Database& database, const traces::Tracing& tracing, Clock& clock, IdSource& ids);

  Datasets& datasets() { return datasets_; }
  Scorers& scorers() { return scorers_; }
  Issues& issues() { return issues_; }

 private:
  Datasets datasets_;
  Scorers scorers_;
  Issues issues_;
};

// Removes what is kept here of an experiment that goes for good, datasets excepted: they may be used elsewhere. Part of
// the transaction that removes it.
void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment);

}  // namespace slipway::genai
