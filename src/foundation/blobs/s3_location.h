// Where a bucket is and who we are there, from a URL and the environment. Used by s3_store.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/blobs/s3_signature.h"

namespace slipway::blobs {

struct S3Location {
  std::string bucket;
  std::string prefix;     // "" or ending in `/`
  std::string origin;     // "https://s3.eu-west-1.amazonaws.com", "http://127.0.0.1:9000"
  std::string host;       // as the Host header has it
  std::string base_path;  // "/bucket" where the bucket is in the path, "" where it is in the host's name
  std::string region;
  S3Credentials credentials;
};

// Sets origin, host and base_path: with an endpoint ("http://host:port") the bucket is in the path, else at Amazon.
// Throws invalid_argument for an endpoint of another form.
void set_s3_place(S3Location& location, std::string_view endpoint);

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// "s3://bucket/prefix?endpoint=http://host:port&region=eu-west-1". What the URL lacks comes from AWS_ENDPOINT_URL,
// AWS_REGION or AWS_DEFAULT_REGION (else us-east-1), AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
// Throws invalid_argument, or unauthenticated without keys. A URL never holds a secret, so it may be logged.
S3Location parse_s3_location(const std::string& url, const Environment& environment);

}  // namespace slipway::blobs
