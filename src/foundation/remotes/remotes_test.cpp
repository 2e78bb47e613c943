// Storage that needs no other program: folders and a web server in this process. Those of other programs are in
// testing/peers_conformance.cpp.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <atomic>
#include <deque>
#include <mutex>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"
#include "foundation/http/server_fixture.h"
#include "foundation/remotes/aws_files.h"
#include "foundation/remotes/azure_account.h"
#include "foundation/remotes/ssh_config.h"
#include "foundation/remotes/testing/remote_conformance.h"

namespace slipway::remotes {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<RemoteStore> fresh_folder() {
  static const files::TemporaryFolder folder("remotes");
  static std::atomic<int> next = 0;
  return open_remote({folder.file(std::to_string(next++)), {}, 4});
}

INSTANTIATE_TEST_SUITE_P(Local, RemoteConformance, ::testing::Values(Kind{"local", fresh_folder}));

// Keeps files in memory; counts requests and fails the first of them when told to.
class WebServer {
 public:
  WebServer() {
    for (const char* method : {"GET", "HEAD", "PUT", "POST", "DELETE"}) {
      server_.route(method, "/{path*}", [this](http::Request& request) { return answer(request); });
    }
    server_.start();
  }
  std::string url(std::string_view path) const { return server_.url(path); }
  std::atomic<int> faults = 0;
  std::atomic<int> requests = 0;

 private:
  http::Response answer(http::Request& request) {
    ++requests;
    const std::string body = request.read_body();
    if (faults > 0) {
      --faults;
      return http::Response::text(503, "busy");
    }
    const std::lock_guard lock(mutex_);
    if (request.method == "DELETE") {
      files_.erase(request.target);
      return http::Response::empty(204);
    }
    if (request.method == "PUT" || request.method == "POST") {
      files_[request.target] = body;
      return http::Response::empty(201);
    }
    const auto found = files_.find(request.target);
    if (found == files_.end()) return http::Response::text(404, "no such file");
    return http::Response::text(200, found->second);
  }

  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  http::TestServer server_;
};

WebServer& web_server() {
  static WebServer server;
  return server;
}

std::unique_ptr<RemoteStore> fresh_web_folder() {
  static std::atomic<int> next = 0;
  return open_remote({web_server().url(text::concat("/", next++, "/sub")), {}, 4});
}

INSTANTIATE_TEST_SUITE_P(Http, RemoteConformance, ::testing::Values(Kind{"http", fresh_web_folder}));

TEST(HttpRemote, AServerThatFaltersIsAskedAgain) {
  const auto remote = fresh_web_folder();
  web_server().faults = 2;
  remote->write("a", "content");
  web_server().faults = 2;
  EXPECT_TRUE(remote->find("a"));
}

TEST(OpenRemote, RefusesWhatItDoesNotKnow) {
  try {
    open_remote({"gopher://host/path", {}, 1});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnimplemented);
    EXPECT_THAT(error.what(), HasSubstr("gopher"));
  }
}

TEST(AwsFiles, HoldProfiles) {
  const AwsFile credentials = parse_aws_file(
      "# keys\n[default]\naws_access_key_id = A\naws_secret_access_key=B\n\n[ other ]\naws_access_key_id = C\n"
      "s3 =\n    region = nested\naws_session_token = T\n");
  const AwsFile config = parse_aws_file("[default]\nregion = eu-west-1\n[profile other]\nregion=us-west-2\r\n");
  const AwsProfile standard = find_aws_profile(credentials, config, "default");
  EXPECT_EQ(standard.access_key, "A");
  EXPECT_EQ(standard.secret_key, "B");
  EXPECT_EQ(standard.region, "eu-west-1");
  const AwsProfile other = find_aws_profile(credentials, config, "other");
  EXPECT_EQ(other.access_key, "C");
  EXPECT_EQ(other.session_token, "T");
  EXPECT_EQ(other.region, "us-west-2");
  EXPECT_EQ(find_aws_profile(credentials, config, "nobody").access_key, "");
}

TEST(AzureAccount, IsNamedByAConnectionString) {
  const AzureAccount account = parse_azure_connection_string(
      "DefaultEndpointsProtocol=http; AccountName=me;AccountKey=a2V5==;EndpointSuffix=x.y");
  EXPECT_EQ(account.endpoint, "http://me.blob.x.y");
  EXPECT_EQ(account.key, "a2V5==");
  EXPECT_EQ(parse_azure_connection_string("BlobEndpoint=https://h/me/;SharedAccessSignature=?a=b").sas_token, "a=b");
  EXPECT_THROW(parse_azure_connection_string("AccountKey=x"), Error);
  EXPECT_THROW(parse_azure_connection_string("nothing"), Error);
}

TEST(AzureAccount, ComesFromOptionsThenVariables) {
  const auto variables = [](const std::string& name) -> std::optional<std::string> {
    if (name == "AZURE_STORAGE_KEY") return "a2V5";
    if (name == "AZURE_CONFIG_DIR") return "/nowhere";
    return std::nullopt;
  };
  const std::map<std::string, std::string> named = {{"account_name", "me"}};
  EXPECT_EQ(azure_account_of(Options(named), variables).key, "a2V5");
  EXPECT_EQ(azure_account_of(Options(named), variables).endpoint, "https://me.blob.core.windows.net");
  const std::map<std::string, std::string> none;
  EXPECT_THROW(azure_account_of(Options(none), variables), Error);
}

// A service account's key, made here.
struct RsaKey {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_RSA_gen(2048), &EVP_PKEY_free};
  std::string pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<size_t>(size)};
  }
  bool has_signed(std::string_view text, const std::string& signature) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  }
};

std::string of_url_base64(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return base64_decode(text);
}

TEST(GoogleRemote, AServiceAccountAsksForATokenOnce) {
  const RsaKey key;
  std::atomic<int> asked = 0;
  http::TestServer server;
  server.route("POST", "/token", [&](http::Request& request) {
    ++asked;
    const http::Query form = http::parse_query(request.read_body()).value();
    const std::vector<std::string> parts = text::split(form.at(1).second, '.');
    EXPECT_EQ(form.at(0).second, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    EXPECT_TRUE(key.has_signed(parts.at(0) + "." + parts.at(1), of_url_base64(parts.at(2))));
    const json::value claim = json::parse(of_url_base64(parts.at(1)));
    EXPECT_EQ(json::get_string(claim.as_object(), "iss"), "me@here");
    return http::Response::json(200, R"({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})");
  });
  server.route("GET", "/storage/v1/b/{bucket}/o/{name}", [](http::Request& request) {
    if (request.headers.find("Authorization") != "Bearer t") return http::Response::text(401, "who are you");
    return http::Response::json(200, R"({"name": "p/a", "size": "7", "etag": "e"})");
  });
  server.start();
  const files::TemporaryFolder folder("google");
  const std::string path = folder.file("key.json");
  files::write_atomic(path, json::write(json::object{{"type", "service_account"},
                                                     {"client_email", "me@here"},
                                                     {"private_key", key.pem()},
                                                     {"token_uri", server.url("/token")}}));
  const auto remote = open_remote({"gs://bucket/p", {{"credentialpath", path}, {"endpointurl", server.url("")}}, 2});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(remote->find("a")->size, 7U);
  EXPECT_EQ(asked, 1);
}

TEST(GoogleRemote, ARefusedKeyIsNamed) {
  http::TestServer server;
  server.route("POST", "/token", [&](http::Request&) {
    return http::Response::json(400, R"({"error": "invalid_grant", "error_description": "it was revoked"})");
  });
  server.start();
  const files::TemporaryFolder folder("google");
  const std::string path = folder.file("login.json");
  files::write_atomic(path, json::write(json::object{{"type", "authorized_user"},
                                                     {"client_id", "i"},
                                                     {"client_secret", "s"},
                                                     {"refresh_token", "r"},
                                                     {"token_uri", server.url("/token")}}));
  try {
    open_remote({"gs://bucket", {{"credentialpath", path}, {"endpointurl", server.url("")}}, 2})->find("a");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated);
    EXPECT_THAT(error.what(), HasSubstr("it was revoked"));
  }
}

TEST(SshConfig, TheFirstValueWins) {
  const SshHost host = find_ssh_host(
      "# mine\nUser everybody\nHost *.example !no.example\n  Port=2222\n  IdentityFile \"~/my key\"\n"
      "Host a.example\n\tUser a\n  HostName 10.0.0.1\n IdentityFile other\nMatch user x\n Port 1\n",
      "a.example");
  EXPECT_EQ(host.user, "everybody");
  EXPECT_EQ(host.port, "2222");
  EXPECT_EQ(host.host_name, "10.0.0.1");
  EXPECT_EQ(host.identity_files, (std::vector<std::string>{"~/my key", "other"}));
  EXPECT_EQ(find_ssh_host("Host * !no.example\n Port 3\n", "no.example").port, "");
  EXPECT_TRUE(matches_ssh_pattern("a*b?c", "aXXbYc"));
  EXPECT_FALSE(matches_ssh_pattern("a*b?c", "aXXbc"));
}

}  // namespace
}  // namespace slipway::remotes
