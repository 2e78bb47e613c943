#include "domains/data/folder_tree.h"

#include "domains/data/remote_objects.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

// Brings the folder's object alone into the cache; false when no remote has it.
bool bring(Repository& repository, const Output& output) {
  const std::string name = output.remote.empty() ? repository.config().default_remote().value_or("") : output.remote;
  if (name.empty()) return false;
  const auto settings = repository.config().find_remote(name);
  if (!settings) throw invalid_argument("config file error: remote '", name, "' doesn't exist");
  try {
    RemoteObjects(*settings, 1).receive(repository.store(), {output.record.hash, output.record.kind()}, [](uint64_t) {
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return false;
  }
  return true;
}

}  // namespace

std::optional<Tree> find_folder_tree(Repository& repository, const Output& output) {
  const Record& record = output.record;
  const bool is_here = repository.store().contains(record.hash, record.kind()) || bring(repository, output);
  if (!is_here) return std::nullopt;
  return repository.store().read_tree(record.hash, record.kind());
}

Tree folder_tree(Repository& repository, const Output& output) {
  auto found = find_folder_tree(repository, output);
  if (found) return std::move(*found);
  const std::string shown = repository.shown(output.absolute);
  throw not_found("could not read '", output.record.hash, "', the list of what '", shown,
                  "' holds: neither the cache nor a remote has it. Bring it with `slipway fetch '", shown,
                  "' -r <remote>` from a remote that does, or record the folder anew as it is now with `slipway add '",
                  shown, "'`");
}

}  // namespace slipway::data
