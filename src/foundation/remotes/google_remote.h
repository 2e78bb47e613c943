// A bucket of Google Cloud Storage, by its JSON API. Opened by open_remote.
#pragma once

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// "gs://bucket/path". Options as DVC has them: credentialpath, endpointurl, allow_anonymous_login. Without a
// credentialpath: GOOGLE_APPLICATION_CREDENTIALS, then the login that gcloud keeps.
std::unique_ptr<RemoteStore> open_google(const RemoteAddress& address);

// A page of a bucket's listing; `next` is empty on the last one. Throws invalid_argument for what is none.
struct GooglePage {
  std::vector<FileInfo> objects;  // with their whole names
  std::string next;
};
GooglePage parse_google_page(std::string_view text);

}  // namespace slipway::remotes
