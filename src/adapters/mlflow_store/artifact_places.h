// Where an old store keeps files, and under which path each can be kept elsewhere. Used by the sources that lie on
// disk.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mlflow_store/local_roots.h"
#include "domains/tracking/experiment.h"

namespace slipway::mlflow_store {

class ArtifactPlaces {
 public:
  // `base`: where relative locations begin; `own`: the store's own folder, from which files may be taken. Both may be
  // "". See SqlSource.
  ArtifactPlaces(std::string base, const std::string& own, const std::vector<std::string>& artifact_folders);

  // The locations of experiments, below which those of their runs lie.
  void learn(const std::vector<tracking::Experiment>& experiments);
  // See Source::portable. A local place that is below no experiment's gives "": the usual path then. Nothing for one
  // that is there but outside of the roots.
  std::optional<std::string> portable(const std::string& location) const;
  void stays(const ArtifactFolder& folder);
  void files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file);
  // What stays where it is, for the report.
  std::vector<LeftOut> left_out() const;

 private:
  const std::string base_;
  LocalRoots roots_;                                // a local path must lie in one of them
  LocalRoots kept_for_clients_;                     // where mlflow-artifacts:/ begins
  std::map<std::string, std::string> experiments_;  // local path -> number
  int64_t without_proxy_folder_ = 0;
  int64_t outside_ = 0;
  std::map<std::string, int64_t> elsewhere_;  // by scheme
};

}  // namespace slipway::mlflow_store
