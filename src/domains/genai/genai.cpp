#include "domains/genai/genai.h"

#include "domains/genai/migrations.h"

namespace slipway::genai {

Genai::Genai(sql::Database& database, const traces::Tracing& /*tracing*/, Clock& clock, IdSource& ids)
    : datasets_(database, clock, ids), scorers_(database, clock, ids), issues_(database, clock, ids) {
  database.migrate("genai", migrations());
}

void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment) {
  Datasets::forget_experiment(transaction, experiment);
  Scorers::forget_experiment(transaction, experiment);
  Issues::forget_experiment(transaction, experiment);
}

}  // namespace slipway::genai
