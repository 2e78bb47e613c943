#include "domains/traces/tracing.h"

#include "domains/traces/migrations.h"
#include "domains/traces/trace_store.h"

namespace slipway::traces {

Tracing::Tracing(sql::Database& database, const tracking::Tracking& /*tracking*/, Clock& clock, IdSource& ids)
    : traces_(database, clock, ids), assessments_(database, clock, ids), analysis_(database) {
  database.migrate("traces", migrations());
}

void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment) {
  TraceStore(transaction).remove_all(experiment);
}

}  // namespace slipway::traces
