// Requests to one web server, sent again when the network or the server falters, redirects followed. Used by the kinds
// of storage that speak HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "foundation/base/id.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/http/client.h"
#include "foundation/http/retry.h"
#include "foundation/remotes/content.h"
#include "foundation/remotes/options.h"

namespace slipway::remotes {

// With ssl_verify (false, or a file of authorities) and a kept connection for each job.
std::shared_ptr<http::Client> make_http_client(const Options& options, size_t jobs);

// An address as people type it, with what may not stand in a URL escaped, and no slash at the end.
std::string encoded_url(std::string_view url);

struct CallerOptions {
  // Adds what proves who we are; called for each attempt, as signatures carry the time.
  std::function<void(http::ClientRequest&)> authorize;
  int64_t connect_timeout_ms = 60'000;
  int64_t read_timeout_ms = 60'000;
  http::Retries retries = {};
};

class HttpCaller {
 public:
  HttpCaller(std::shared_ptr<http::Client> http, CallerOptions options);

  // The whole answer, any status below 500 but 429; throws unavailable when the attempts are used up.
  http::ClientResponse send(http::ClientRequest request);
  // The same with the content as its body.
  http::ClientResponse send(http::ClientRequest request, Content& content,
                            const std::function<void(uint64_t)>& on_sent = {});
  // Throws error_of for statuses other than 2xx.
  http::ClientResponse call(http::ClientRequest request);
  // A GET as a stream that begins again where it broke.
  std::unique_ptr<blobs::BlobReader> open(http::ClientRequest request);

  static Error error_of(const http::ClientResponse& response, const std::string& url);

 private:
  friend class ResumingReader;
  // One attempt, its redirects included; throws unavailable for a status that is worth another.
  std::unique_ptr<http::ClientAnswer> answer(http::ClientRequest request);
  void retry(const std::function<void()>& work);

  const std::shared_ptr<http::Client> http_;
  const CallerOptions options_;
  RandomIdSource random_;
};

}  // namespace slipway::remotes
