// The half of slipway_store that takes things in.
#include <array>

#include "adapters/mlflow_store/slipway_store.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::mlflow_store {

namespace {

constexpr size_t kBuffer = size_t{256} << 10U;

// Fills the buffer as far as there is anything, so that two readers stay in step.
size_t read_full(blobs::BlobReader& reader, std::string& buffer) {
  size_t have = 0;
  while (have < buffer.size()) {
    const size_t got = reader.read(buffer.data() + have, buffer.size() - have);
    if (got == 0) break;
    have += got;
  }
  return have;
}

}  // namespace

void copy_checked(const ArtifactFile& file, blobs::BlobWriter& writer) {
  const auto reader = file.open();
  Hasher hasher(HashKind::kSha256);
  std::string buffer(kBuffer, '\0');
  uint64_t size = 0;
  while (const size_t got = reader->read(buffer.data(), buffer.size())) {
    const std::string_view bytes(buffer.data(), got);
    hasher.update(bytes);
    writer.write(bytes);
    size += got;
  }
  if (size != file.size_bytes) {
    throw failed_precondition("it has ", size, " bytes, not the ", file.size_bytes,
                              " that were announced; it changes while it is read, try again");
  }
  writer.commit(hasher.finish_hex());
}

bool has_same_content(blobs::BlobReader& a, blobs::BlobReader& b) {
  std::string first(kBuffer, '\0');
  std::string second(kBuffer, '\0');
  for (;;) {
    const size_t got = read_full(a, first);
    if (got != read_full(b, second)) return false;
    if (std::string_view(first).substr(0, got) != std::string_view(second).substr(0, got)) return false;
    if (got < kBuffer) return true;
  }
}

std::optional<tracking::Experiment> SlipwayTarget::find_experiment(const tracking::ExperimentId& id) {
  using Found = std::optional<tracking::Experiment>;
  return database_.read_value<Found>(
      [&](sql::Transaction& transaction) { return tracking::ExperimentStore(transaction).find(id); });
}

std::optional<tracking::Experiment> SlipwayTarget::find_experiment_by_name(const std::string& name) {
  using Found = std::optional<tracking::Experiment>;
  return database_.read_value<Found>(
      [&](sql::Transaction& transaction) { return tracking::ExperimentStore(transaction).find_by_name(name); });
}

tracking::Arrival SlipwayTarget::put(const std::string& path, const ArtifactFile& file) {
  try {
    const blobs::BlobInfo known = artifacts_.get(path);
    if (known.size_bytes != file.size_bytes) {
      return {tracking::Fate::kDifferent,
              text::concat("a file of ", known.size_bytes, " bytes is there, not ", file.size_bytes)};
    }
    const bool same = has_same_content(*artifacts_.open(known), *file.open());
    return tracking::arrival_of(same ? "" : "a file with other content is there");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  if (only_look_) return {};
  copy_checked(file, *artifacts_.create(path));
  return {};
}

}  // namespace slipway::mlflow_store
