// Copies of repositories that lie elsewhere, to read them.
#pragma once

#include <string>

namespace slipway::git {

// A bare copy with every branch and tag of what is at `url` (http, https, ssh, git, file, or a folder) in `folder`,
// which must be empty. Over SSH the agent's keys are tried, then those in ~/.ssh. Throws unavailable with the reason.
void clone(const std::string& url, const std::string& folder);

}  // namespace slipway::git
