#include "foundation/http/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace slipway::http {

namespace {

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

bool is_transient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int write_socket(BIO* bio, const char* data, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(socket_of(bio), data, size, MSG_NOSIGNAL);
  if (count < 0 && is_transient(errno)) BIO_set_retry_write(bio);
  if (count <= 0) return 0;
  *written = static_cast<size_t>(count);
  return 1;
}

int read_socket(BIO* bio, char* data, size_t size, size_t* got) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(socket_of(bio), data, size, 0);
  if (count < 0 && is_transient(errno)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (count <= 0) return 0;
  *got = static_cast<size_t>(count);
  return 1;
}

long control_socket(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// One for all contexts, as connections may outlive the context that they were made by.
const BIO_METHOD* socket_method() {
  struct Free {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };
  static const std::unique_ptr<BIO_METHOD, Free> kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "slipway socket");
    if (method == nullptr) throw internal_error("cannot start TLS: no memory");
    BIO_meth_set_write_ex(method, write_socket);
    BIO_meth_set_read_ex(method, read_socket);
    BIO_meth_set_ctrl(method, control_socket);
    return std::unique_ptr<BIO_METHOD, Free>(method);
  }();
  return kMethod.get();
}

std::string last_error() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return "unknown reason";
  ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

int choose_http11(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                  unsigned int offered_size, void* /*argument*/) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(), offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsContext::TlsContext(ssl_ctx_st* context) : context_(context) {
  if (context == nullptr) throw internal_error("cannot start TLS: ", last_error());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections must not keep their record buffers.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

TlsContext::~TlsContext() = default;
TlsContext::TlsContext(TlsContext&&) noexcept = default;

TlsContext TlsContext::for_server(const TlsFiles& files) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* raw = context.context_.get();
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1) {
    throw invalid_argument("cannot use the certificate ", files.certificate, ": ", last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw invalid_argument("cannot use the private key ", files.key, ": ", last_error());
  }
  if (SSL_CTX_check_private_key(raw) != 1) {
    throw invalid_argument("the private key ", files.key, " does not belong to the certificate ", files.certificate);
  }
  SSL_CTX_set_alpn_select_cb(raw, choose_http11, nullptr);
  return context;
}

TlsContext TlsContext::for_client(const std::string& ca_file, bool check) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* raw = context.context_.get();
  if (!check) return context;
  const bool loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(raw) == 1
                                      : SSL_CTX_load_verify_file(raw, ca_file.c_str()) == 1;
  if (!loaded) throw invalid_argument("cannot read the certificate authorities in ", ca_file, ": ", last_error());
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  return context;
}

SslPointer TlsContext::make_session(int socket) const {
  SslPointer ssl(SSL_new(context_.get()));
  BIO* bio = BIO_new(socket_method());
  if (!ssl || bio == nullptr) throw internal_error("cannot make a TLS session: ", last_error());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));  // NOLINT(performance-no-int-to-ptr)
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  return ssl;
}

SslPointer TlsContext::accept(int socket) const {
  SslPointer ssl = make_session(socket);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

SslPointer TlsContext::connect(int socket, const std::string& host) const {
  SslPointer ssl = make_session(socket);
  SSL_set_connect_state(ssl.get());
  in6_addr address{};
  const bool is_address =
      inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str());
  } else {
    SSL_set1_host(ssl.get(), host.c_str());
    SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  }
  return ssl;
}

std::string tls_failure(ssl_st* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    ERR_clear_error();
    return text::concat("the certificate is not trusted (", X509_verify_cert_error_string(verdict), ")");
  }
  return last_error();
}

}  // namespace slipway::http
