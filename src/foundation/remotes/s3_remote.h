// A bucket of S3, or of what speaks like it, as a remote. Opened by open_remote.
#pragma once

#include "foundation/blobs/s3_location.h"
#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// Options as DVC has them: endpointurl, region, profile, credentialpath, configpath, access_key_id, secret_access_key,
// session_token, use_ssl, ssl_verify, allow_anonymous_login, acl, grant_*, sse*. What they lack comes from AWS_*
// variables, then from the files of the profile.
std::unique_ptr<RemoteStore> open_s3(const RemoteAddress& address);

// Where the bucket is and who we are; `prefix` is left empty, and the rest of the address is given in it.
blobs::S3Location s3_location_of(const RemoteAddress& address, const blobs::Environment& environment,
                                 std::string& prefix);

}  // namespace slipway::remotes
