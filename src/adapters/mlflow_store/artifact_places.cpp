#include "adapters/mlflow_store/artifact_places.h"

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

ArtifactPlaces::ArtifactPlaces(std::string base, const std::string& own,
                               const std::vector<std::string>& artifact_folders)
    : base_(std::move(base)) {
  for (const std::string& folder : artifact_folders) {
    if (!files::exists(folder)) throw not_found("there is no artifact folder ", folder);
    roots_.add(folder);
    kept_for_clients_.add(folder);
  }
  if (!own.empty()) roots_.add(own);
  if (base_.empty()) return;
  // What `mlflow server` takes when it is told nothing else.
  for (const char* usual : {"mlartifacts", "mlruns"}) kept_for_clients_.add(base_ + "/" + usual);
}

void ArtifactPlaces::learn(const std::vector<tracking::Experiment>& experiments) {
  for (const tracking::Experiment& one : experiments) {
    if (const auto path = local_path_of(one.artifact_location, base_)) experiments_[*path] = one.id.value;
  }
}

std::optional<std::string> ArtifactPlaces::portable(const std::string& location) const {
  if (location.empty()) return std::nullopt;
  if (tracking::is_own_location(location)) {
    try {
      return tracking::path_of_location(location);
    } catch (const Error&) {
      return std::nullopt;
    }
  }
  const auto path = local_path_of(location, base_);
  // A version's source may be a plain word ("dummy-source") or models:/...: no place.
  if (!path || location.find('/') == std::string::npos) return std::nullopt;
  if (roots_.standing_of(*path) == LocalRoots::Standing::kOutside) return std::nullopt;
  for (size_t end = path->size(); end != std::string::npos && end > 0; end = path->rfind('/', end - 1)) {
    const auto found = experiments_.find(path->substr(0, end));
    if (found != experiments_.end()) return found->second + path->substr(end);
  }
  return "";
}

void ArtifactPlaces::stays(const ArtifactFolder& folder) {
  if (local_path_of(folder.location, base_)) {
    ++outside_;
  } else {
    ++elsewhere_[folder.location.substr(0, folder.location.find(':'))];
  }
}

void ArtifactPlaces::files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) {
  if (tracking::is_own_location(folder.location)) {
    if (kept_for_clients_.empty()) {
      ++without_proxy_folder_;
      return;
    }
    const std::string path = tracking::path_of_location(folder.location);
    kept_for_clients_.files_below(path, on_file);
    return;
  }
  const auto path = local_path_of(folder.location, base_);
  if (!path) return;
  if (roots_.files(*path, on_file)) return;
  // A store that was moved still names its old place, and so does an experiment in the trash of a file store; folders
  // keep their form.
  for (const std::string& form : {folder.usual, ".trash/" + folder.usual}) {
    if (kept_for_clients_.files_below(form, on_file) || roots_.files_below(form, on_file)) return;
  }
}

std::vector<LeftOut> ArtifactPlaces::left_out() const {
  std::vector<LeftOut> out;
  for (const auto& [scheme, count] : elsewhere_) {
    out.push_back(
        {text::concat("artifact folders in ", scheme, ":// that stay there and keep their addresses"), count});
  }
  out.push_back(
      {"artifact folders outside of the store that stay there: name the folder above them with --artifacts", outside_});
  out.push_back({"artifact folders that the old server kept (mlflow-artifacts:/): name its folder with --artifacts",
                 without_proxy_folder_});
  return out;
}

}  // namespace slipway::mlflow_store
