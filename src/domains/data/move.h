// Gives tracked data another place and name.
#pragma once

#include <string>

#include "domains/data/repository.h"

namespace slipway::data {

// `from` is exactly what a .dvc file tracks; an existing folder as `to` means into it. The .dvc file takes the name
// with it when it was named after the data. Throws not_found, failed_precondition; nothing is overwritten.
void move(Repository& repository, const std::string& from, const std::string& to);

}  // namespace slipway::data
