#include "app/server/references.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/tables/io.h"

namespace slipway::server {

namespace {

constexpr uint64_t kMaxReferenceBytes = uint64_t{1} << 30U;

// "mlflow-artifacts:/0/RUN/artifacts" as the path below the artifact root.
std::string artifact_folder(const std::string& uri) {
  constexpr std::string_view kScheme = "mlflow-artifacts:";
  if (uri.rfind(kScheme, 0) != 0) throw failed_precondition("artifacts at ", uri, " are not kept by this server");
  const size_t start = uri.find_first_not_of('/', kScheme.size());
  return start == std::string::npos ? "" : uri.substr(start);
}

tables::Table read_artifact(tracking::Artifacts& artifacts, const std::string& path) {
  const blobs::BlobInfo blob = artifacts.get(path);
  if (blob.size_bytes > kMaxReferenceBytes)
    throw too_large("reference ", path, " has over ", text::format_bytes(kMaxReferenceBytes));
  const auto reader = artifacts.open(blob);
  std::string content(blob.size_bytes, '\0');
  size_t used = 0;
  while (used < content.size()) {
    const size_t got = reader->read(content.data() + used, content.size() - used);
    if (got == 0) throw data_loss("reference ", path, " ends too early");
    used += got;
  }
  return tables::read_parquet(content);
}

constexpr std::string_view kModels = "models:/";

struct ArtifactOfRun {
  std::string run_id;
  std::string path;
};

// "models:/NAME@ALIAS/PATH" or "models:/NAME/VERSION/PATH".
ArtifactOfRun artifact_of_model(registry::Registry& registry, const std::string& address) {
  const std::string_view rest = std::string_view(address).substr(kModels.size());
  const size_t slash = rest.find('/');
  const size_t at = rest.substr(0, slash).find('@');
  const size_t end =
      at == std::string_view::npos && slash != std::string_view::npos ? rest.find('/', slash + 1) : slash;
  if (end == std::string_view::npos) {
    throw invalid_argument("reference '", address, "' is not models:/NAME@ALIAS/PATH or models:/NAME/VERSION/PATH");
  }
  const std::string name(rest.substr(0, std::min(at, slash)));
  std::optional<registry::ModelVersion> version;
  if (at != std::string_view::npos) {
    const std::string alias(rest.substr(at + 1, end - at - 1));
    version = registry.find_by_alias(name, alias);
    if (!version) throw not_found("model ", name, " has no alias ", alias);
  } else {
    version = registry.get_version(name, registry::parse_version(rest.substr(slash + 1, end - slash - 1)));
  }
  if (version->run_id.empty())
    throw failed_precondition("version ", version->version, " of ", name, " comes from no run");
  return {version->run_id, std::string(rest.substr(end + 1))};
}

}  // namespace

monitoring::ReferenceResolver reference_resolver(tracking::Tracking& tracking, registry::Registry& registry,
                                                 tracking::Artifacts& artifacts) {
  return [&tracking, &registry, &artifacts](const monitoring::ReferenceSource& source) {
    ArtifactOfRun artifact{source.run_id, source.artifact_path};
    if (source.run_id.empty()) {
      if (source.path.rfind(kModels, 0) != 0) return tables::read_table(source.path);
      artifact = artifact_of_model(registry, source.path);
    }
    const tracking::Run run = tracking.get_run(tracking::RunId(artifact.run_id));
    return read_artifact(artifacts, text::concat(artifact_folder(run.info.artifact_uri), "/", artifact.path));
  };
}

}  // namespace slipway::server
