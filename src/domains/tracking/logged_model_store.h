// The rows of logged models with their params, tags and metrics. Used by LoggedModels and Tracking inside their
// transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/logged_model.h"
#include "domains/tracking/paging.h"

namespace slipway::tracking {

enum class DeletedModels { kHide, kShow };

class LoggedModelStore {
 public:
  explicit LoggedModelStore(sql::Transaction& transaction) : transaction_(transaction) {}

  void insert(const LoggedModel& model);
  std::optional<LoggedModel> find(const LoggedModelId& id, DeletedModels deleted);
  // Throws not_found.
  LoggedModel get(const LoggedModelId& id, DeletedModels deleted = DeletedModels::kHide);
  Page<LoggedModel> search(const LoggedModelSearch& search, const PageRequest& request);

  void set_status(const LoggedModelId& id, LoggedModelStatus status, int64_t now_ms);
  void remove(const LoggedModelId& id, int64_t now_ms);
  void set_tags(const LoggedModelId& id, const std::vector<Tag>& tags);
  bool remove_tag(const LoggedModelId& id, const std::string& key);
  void add_params(const LoggedModelId& id, const std::vector<Param>& params);
  // Each names its model and run; throws not_found for a model that is not there.
  void add_metrics(const std::vector<Metric>& metrics);

 private:
  void load(std::vector<LoggedModel>& models);

  sql::Transaction& transaction_;
};

}  // namespace slipway::tracking
