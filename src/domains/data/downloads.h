// Data from elsewhere as plain files, without tracking it.
#pragma once

#include <string>

#include "domains/data/config.h"
#include "domains/data/source_repository.h"
#include "domains/data/source_url.h"

namespace slipway::data {

struct DownloadTarget {
  std::string out;   // empty: as it is called there
  std::string base;  // where it starts
  bool force = false;
};

void download_from_repository(const std::string& url, const std::string& path, const SourceOptions& source,
                              const DownloadTarget& target);
void download_from_url(SourceUrl& source, const std::string& url, const DownloadTarget& target);

// The configuration of the repository that `folder` lies in; outside of one, the user's.
Config config_around(const std::string& folder);

}  // namespace slipway::data
