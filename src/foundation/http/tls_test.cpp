#include "foundation/http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>

#include "foundation/http/client.h"
#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using ::testing::HasSubstr;

// A key and a certificate for `name` that vouches for itself, in two files.
TlsFiles self_made(const files::TemporaryFolder& folder, const std::string& name) {
  TlsFiles made{folder.file(name + ".crt"), folder.file(name + ".key")};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(made.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(made.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

struct TlsTest : ::testing::Test {
  TlsTest() : files(self_made(folder, "IP:127.0.0.1")) {}
  ServerOptions options() const {
    ServerOptions options = quiet_options();
    options.tls = files;
    options.header_timeout_ms = 300;
    return options;
  }
  ClientOptions trusting() const {
    ClientOptions options;
    options.ca_file = files.certificate;
    return options;
  }
  std::string failure(const ClientOptions& options, const std::string& url) const {
    ClientRequest request;
    request.url = url;
    try {
      make_client(options)->send(request);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
      return error.what();
    }
    return "nothing was thrown";
  }
  files::TemporaryFolder folder;
  TlsFiles files;
};

TEST_F(TlsTest, CarriesRequestsStreamsAndFiles) {
  const std::string content(3'000'000, 'f');
  slipway::files::write_atomic(folder.file("f"), content);
  TestServer server(options());
  server.route("POST", "/echo", [](Request& r) { return Response::text(200, r.read_body()); });
  server.route("GET", "/file",
               [&](Request& r) { return file_response(r, folder.file("f"), content.size(), "text/plain"); });
  server.start();
  const auto client = make_client(trusting());
  for (int i = 0; i < 3; ++i) {
    ClientRequest upload;
    upload.method = "POST";
    upload.url = server.url("/echo");
    upload.stream_body = [&](BodyWriter& writer) {
      for (int part = 0; part < 30; ++part) writer.write(std::string_view(content).substr(0, 50'000));
    };
    EXPECT_EQ(client->send(upload).body, content.substr(0, 1'500'000));
    ClientRequest download;
    download.url = server.url("/file");
    EXPECT_EQ(client->send(download).body, content);
  }
  EXPECT_THAT(server.registry().expose(), HasSubstr("slipway_http_connections 1\n"));
}

TEST_F(TlsTest, TrustsOnlyWhatItShould) {
  TestServer server(options());
  server.route("GET", "/", [](Request&) { return Response::text(200, "root"); });
  server.start();
  EXPECT_THAT(failure({}, server.url("/")), HasSubstr("the certificate is not trusted"));
  const TlsFiles other = self_made(folder, "DNS:localhost");
  ClientOptions wrong;
  wrong.ca_file = other.certificate;
  EXPECT_THAT(failure(wrong, server.url("/")), HasSubstr("the certificate is not trusted"));
}

TEST_F(TlsTest, ChecksTheName) {
  files = self_made(folder, "DNS:elsewhere.example");
  TestServer server(options());
  server.start();
  EXPECT_THAT(failure(trusting(), server.url("/")), HasSubstr("mismatch"));
}

TEST_F(TlsTest, ANewCertificateIsForTheNextConnectionAndABadOneForNone) {
  TestServer server(options());
  server.route("GET", "/", [](Request&) { return Response::text(200, "root"); });
  server.start();
  ClientRequest request;
  request.url = server.url("/");
  const auto before = make_client(trusting());
  EXPECT_EQ(before->send(request).status, 200);
  const TlsFiles other = self_made(folder, "IP:127.0.0.1,DNS:localhost");
  std::filesystem::rename(other.certificate, files.certificate);
  EXPECT_THROW(server.server().reload_tls(), Error) << "its key has not come yet";
  EXPECT_EQ(before->send(request).status, 200);
  std::filesystem::rename(other.key, files.key);
  server.server().reload_tls();
  EXPECT_EQ(before->send(request).status, 200) << "on the connection that it has";
  EXPECT_EQ(make_client(trusting())->send(request).status, 200);
}

TEST_F(TlsTest, EndsAHandshakeThatNeverComes) {
  TestServer server(options());
  RawSocket silent(server.start());
  EXPECT_TRUE(silent.is_closed());
  RawSocket plain(server.server().port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(plain.is_closed());
}

TEST_F(TlsTest, NamesTheFileThatCannotBeUsed) {
  const TlsFiles other = self_made(folder, "DNS:localhost");
  EXPECT_THROW(TlsContext::for_server({folder.file("none"), files.key}), Error);
  EXPECT_THROW(TlsContext::for_server({files.certificate, folder.file("none")}), Error);
  EXPECT_THROW(TlsContext::for_server({files.certificate, other.key}), Error);
  EXPECT_THROW(TlsContext::for_client(folder.file("none")), Error);
}

}  // namespace
}  // namespace slipway::http
