// For tests of the genai domain: it stands beside tracking and traces on a database in memory or a private PostgreSQL.
#pragma once

#include "domains/genai/genai.h"
#include "domains/traces/traces_fixture.h"

namespace slipway::genai {

class GenaiOnBoth : public traces::TracesOnBoth {
 protected:
  Datasets& datasets() { return genai_.datasets(); }
  Scorers& scorers() { return genai_.scorers(); }
  Issues& issues() { return genai_.issues(); }

  int64_t rows(const std::string& table) {
    return database_->read_value<int64_t>(
        [&](sql::Transaction& transaction) { return transaction.query_int("SELECT count(*) FROM " + table).value(); });
  }

  Genai genai_{*database_, tracing_, clock_, ids_};
};

}  // namespace slipway::genai
