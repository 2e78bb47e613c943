// Signed requests to one bucket, sent again with growing pauses when the server or the network falters, and S3's errors
// as ours. Used by s3_store and s3_writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/s3_location.h"
#include "foundation/http/client.h"
#include "foundation/http/retry.h"

namespace slipway::blobs {

struct S3Request {
  std::string method = "GET";
  std::string key;  // below the store's prefix; "" for the bucket itself
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string_view body;
  // Instead of `body`: read once, so such a request is not sent again. The payload is not signed then.
  BlobReader* stream = nullptr;
  uint64_t stream_size = 0;
};

using S3Retries = http::Retries;

class S3Client {
 public:
  S3Client(S3Location location, std::shared_ptr<http::Client> http, const S3Retries& retries = {});

  // The answer, whatever its status below 500; throws unavailable when the attempts are used up.
  http::ClientResponse send(const S3Request& request);
  // The same; statuses other than 2xx are thrown as what they mean.
  http::ClientResponse call(const S3Request& request);
  // What an answer that is no success means.
  Error error_of(const http::ClientResponse& response, const std::string& key) const;
  // An address that serves a GET of the key to anybody for so many seconds.
  std::string presigned_url(const std::string& key, int64_t seconds) const;
  const S3Location& location() const { return location_; }

 private:
  http::ClientResponse send_once(const S3Request& request);
  S3Unsigned unsigned_of(const S3Request& request) const;

  const S3Location location_;
  const std::shared_ptr<http::Client> http_;  // shared with whoever made it
  const S3Retries retries_;
  const SystemClock clock_;
  RandomIdSource random_;
};

}  // namespace slipway::blobs
