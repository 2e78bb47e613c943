// TLS settings by OpenSSL: one context per server or client, one session per connection. Used by server and client.
#pragma once

#include <memory>
#include <string>

#include "foundation/http/server.h"
#include "foundation/http/stream.h"

struct ssl_ctx_st;

namespace slipway::http {

// Safe to share between threads once made; its connections outlive it. Every session writes with MSG_NOSIGNAL: a peer
// that goes away must not end the process.
class TlsContext {
 public:
  // TLS 1.2 or newer. Throw invalid_argument naming the file that cannot be used.
  static TlsContext for_server(const TlsFiles& files);
  // Checks certificates against `ca_file`, or the system's authorities when it is empty; not at all when `check` is
  // false, for somebody who said so.
  static TlsContext for_client(const std::string& ca_file, bool check = true);
  ~TlsContext();
  TlsContext(TlsContext&&) noexcept;

  SslPointer accept(int socket) const;
  // The certificate must be for `host`, a name or an address.
  SslPointer connect(int socket, const std::string& host) const;

 private:
  explicit TlsContext(ssl_ctx_st* context);
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  SslPointer make_session(int socket) const;

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

// Why the handshake of a session failed, in words.
std::string tls_failure(ssl_st* ssl);

}  // namespace slipway::http
