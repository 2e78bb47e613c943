// The use cases of assessments: given, changed, replaced, withdrawn. Part of Tracing.
#pragma once

#include "domains/traces/assessment.h"
#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::traces {

class Assessments {
 public:
  Assessments(sql::Database& database, Clock& clock, IdSource& ids) : database_(database), clock_(clock), ids_(ids) {}

  // Gives it an id. One that it overrides stays, but is no longer valid. Throws not_found for an unknown trace or an
  // unknown overridden one.
  Assessment add(Assessment assessment);
  // Throws not_found.
  Assessment get(const TraceId& trace, const AssessmentId& id);
  // A value of the other kind is refused.
  Assessment update(const TraceId& trace, const AssessmentId& id, const AssessmentUpdate& update);
  // Makes the one that it had replaced valid again. Removing what is not there is fine.
  void remove(const TraceId& trace, const AssessmentId& id);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

// Fills in the id and the times where they are missing and refuses what cannot be kept. Also for assessments that come
// with their trace.
void complete(Assessment& assessment, Clock& clock, IdSource& ids);

}  // namespace slipway::traces
