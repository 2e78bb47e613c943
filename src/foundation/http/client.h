// The HTTP client: HTTP/1.1 with keep-alive pools, TLS with certificate checks, deadlines, streaming both ways. Used by
// the command line, the S3 store, webhooks, the model gateway and remote runtimes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "foundation/http/message.h"

namespace slipway::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http://host:port/path?query, already encoded
  Headers headers;
  std::string body;
  // Instead of `body`: called with a writer; a known length goes as Content-Length, none as chunks. Called again on a
  // retry.
  std::function<void(BodyWriter&)> stream_body;
  std::optional<uint64_t> stream_length;
  int64_t connect_timeout_ms = 5000;
  int64_t timeout_ms = 60'000;               // of silence
  int64_t total_timeout_ms = 0;              // of everything after the connection; 0: no limit
  size_t max_body_bytes = size_t{1} << 30U;  // of a whole answer; a streamed one has no limit
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// An answer whose body is still to be read. Letting go of it before its end ends the connection.
class ClientAnswer {
 public:
  virtual ~ClientAnswer() = default;
  // With an empty body.
  virtual const ClientResponse& head() const = 0;
  // Up to `capacity` bytes of the body; 0 at its end. Throws as Client::send does.
  virtual size_t read(char* buffer, size_t capacity) = 0;
};

class Client {
 public:
  virtual ~Client() = default;
  // The whole answer. Any status is a value; throws unavailable when no connection or no answer is to be had ("cannot
  // reach http://127.0.0.1:5000: connection refused; is the server running?") and deadline_exceeded. A request on a
  // kept connection that the server had closed is sent again once if nothing of an answer arrived.
  virtual ClientResponse send(const ClientRequest& request) = 0;
  // Hands the body on as it comes; `on_head` first, with an empty body. Returning false from on_body stops.
  virtual void stream(const ClientRequest& request, const std::function<void(const ClientResponse&)>& on_head,
                      const std::function<bool(std::string_view)>& on_body) = 0;
  // Hands the body out to whoever reads it; the client must outlive the answer. A client that cannot do better waits
  // for the whole of it.
  virtual std::unique_ptr<ClientAnswer> open(const ClientRequest& request);
  // Ends the waiting for answers under way, and all that would begin later, with unavailable; for stopping a program
  // that must not wait for others.
  virtual void interrupt() {}
};

struct ClientOptions {
  std::string ca_file;  // empty: the system's
  bool check_certificates = true;
  // Refuses (permission_denied) a host of which any address is not public; the address that was judged is the one that
  // is dialled. Redirects are never followed, and no proxy is asked.
  bool public_addresses_only = false;
  size_t max_idle_per_host = 8;
};

// Safe to share between threads.
std::unique_ptr<Client> make_client(const ClientOptions& options = {});

}  // namespace slipway::http
