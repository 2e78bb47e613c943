#include "app/server/references.h"

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

}  // namespace

monitoring::ReferenceResolver reference_resolver(tracking::Tracking& tracking, tracking::Artifacts& artifacts) {
  return [&tracking, &artifacts](const monitoring::ReferenceSource& source) {
    if (source.run_id.empty()) return tables::read_table(source.path);
    const tracking::Run run = tracking.get_run(tracking::RunId(source.run_id));
    return read_artifact(artifacts, text::concat(artifact_folder(run.info.artifact_uri), "/", source.artifact_path));
  };
}

}  // namespace slipway::server
