// The use cases of issues: told, judged, found. Part of Genai.
#pragma once

#include "domains/genai/issue.h"
#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

class Issues {
 public:
  Issues(sql::Database& database, Clock& clock, IdSource& ids) : database_(database), clock_(clock), ids_(ids) {}

  // Gives it an id and its times. Throws not_found for an unknown experiment or run.
  Issue add(Issue issue);
  // Throws not_found.
  Issue get(const IssueId& id);
  Issue update(const IssueId& id, const IssueChange& change);
  Page<Issue> search(const IssueSearch& search);
  // Where they lie, each experiment once; unknown issues lie nowhere.
  std::vector<ExperimentId> experiments_of(const std::vector<IssueId>& issues);

  // Removes all of an experiment that goes for good; part of the transaction.
  static void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace slipway::genai
