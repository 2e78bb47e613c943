// All of the traces domain behind one door: what app/server builds and protocols are given.
#pragma once

#include "domains/traces/analysis.h"
#include "domains/traces/assessments.h"
#include "domains/traces/traces.h"
#include "domains/tracking/tracking.h"

namespace slipway::traces {

class Tracing {
 public:
  // Brings the tables up to date; they build on tracking's, so Tracking comes first. Everything must outlive it.
  Tracing(sql::Database& database, const tracking::Tracking& tracking, Clock& clock, IdSource& ids);

  Traces& traces() { return traces_; }
  Assessments& assessments() { return assessments_; }
  Analysis& analysis() { return analysis_; }

 private:
  Traces traces_;
  Assessments assessments_;
  Analysis analysis_;
};

// Removes all traces of an experiment that goes for good, without their files; part of the transaction that removes it.
void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment);

}  // namespace slipway::traces
