// What a recorded folder holds, for commands that must know all of it before they change a part: a list of files that
// is not there must never be taken for an empty one.
#pragma once

#include <optional>
#include <string>

#include "domains/data/repository.h"

namespace slipway::data {

// From the cache, or from the output's own or the default remote when the cache lacks the folder's object. Nothing when
// neither has it. Throws when the remote cannot be asked.
std::optional<Tree> find_folder_tree(Repository& repository, const Output& output);
// The same; throws not_found with what to do when nobody has it.
Tree folder_tree(Repository& repository, const Output& output);

}  // namespace slipway::data
