// The use cases of logged models: created pending by a run, filled with files, then made ready. Used by the protocols
// and the registry.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/logged_model.h"
#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {

class LoggedModels {
 public:
  // Shares Tracking's tables, which must have been brought up to date by a Tracking on the same database.
  LoggedModels(sql::Database& database, Clock& clock, IdSource& ids) : database_(database), clock_(clock), ids_(ids) {}

  LoggedModel create(const NewLoggedModel& model);
  // Where they lie, deleted ones too, each experiment once; unknown models lie nowhere.
  std::vector<ExperimentId> experiments_of(const std::vector<LoggedModelId>& models);
  LoggedModel get(const LoggedModelId& id);
  LoggedModel get_even_deleted(const LoggedModelId& id);
  std::optional<LoggedModel> find(const LoggedModelId& id);
  LoggedModel finish(const LoggedModelId& id, LoggedModelStatus status);
  void remove(const LoggedModelId& id);
  Page<LoggedModel> search(const LoggedModelSearch& search);
  LoggedModel set_tags(const LoggedModelId& id, const std::vector<Tag>& tags);
  void delete_tag(const LoggedModelId& id, const std::string& key);
  void add_params(const LoggedModelId& id, const std::vector<Param>& params);
  // The registry notes on the model which versions were made of it.
  void add_registration(const LoggedModelId& id, const std::string& name, int64_t version);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace slipway::tracking
