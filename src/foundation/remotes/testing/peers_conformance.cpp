// The suite of every kind of storage against real servers of other people.
#include <atomic>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/blobs/testing/moto_server.h"
#include "foundation/http/client.h"
#include "foundation/remotes/azure_account.h"
#include "foundation/remotes/testing/free_port.h"
#include "foundation/remotes/testing/peer_server.h"
#include "foundation/remotes/testing/remote_conformance.h"
#include "foundation/remotes/testing/ssh_server.h"

namespace slipway::remotes {
namespace {

std::unique_ptr<RemoteStore> fresh_bucket_prefix() {
  static blobs::MotoServer server;
  static std::atomic<int> next = 0;
  if (next == 0) {
    http::ClientRequest request;
    request.method = "PUT";
    request.url = server.origin() + "/bucket";
    http::make_client()->send(request);
  }
  return open_remote({text::concat("s3://bucket/some prefix/", next++),
                      {{"endpointurl", server.origin()}, {"access_key_id", "k"}, {"secret_access_key", "s"}},
                      4});
}

INSTANTIATE_TEST_SUITE_P(S3, RemoteConformance,
                         ::testing::Values(Kind{"s3", fresh_bucket_prefix, (size_t{33} << 20U) + 5}));

SshServer& ssh_server() {
  static SshServer server;
  return server;
}

std::unique_ptr<RemoteStore> fresh_ssh_folder() {
  static std::atomic<int> next = 0;
  return open_remote({ssh_server().url(text::concat("some place/", next++)), {}, 4});
}

INSTANTIATE_TEST_SUITE_P(Ssh, RemoteConformance, ::testing::Values(Kind{"ssh", fresh_ssh_folder}));

std::unique_ptr<RemoteStore> fresh_webdav_folder() {
  static const files::TemporaryFolder folder("webdav");
  static const int port = free_port();
  static const PeerServer server({python_environment("webdav") + "/bin/wsgidav", "--host", "127.0.0.1", "--port",
                                  std::to_string(port), "--root", folder.path(), "--auth", "anonymous", "-q"},
                                 text::concat("http://127.0.0.1:", port));
  static std::atomic<int> next = 0;
  return open_remote({text::concat("webdav://127.0.0.1:", port, "/some place/", next++), {}, 4});
}

INSTANTIATE_TEST_SUITE_P(Webdav, RemoteConformance, ::testing::Values(Kind{"webdav", fresh_webdav_folder}));

std::unique_ptr<RemoteStore> fresh_google_prefix() {
  static const int port = free_port();
  static const std::string origin = text::concat("http://127.0.0.1:", port);
  static const PeerServer server(
      {python_environment("gcs") + "/bin/gcp-storage-emulator", "start", "--host", "127.0.0.1", "--port",
       std::to_string(port), "--in-memory", "--default-bucket", "bucket", "-q"},
      origin);
  static std::atomic<int> next = 0;
  return open_remote({text::concat("gs://bucket/some prefix/", next++), {{"endpointurl", origin}}, 4});
}

INSTANTIATE_TEST_SUITE_P(Google, RemoteConformance,
                         ::testing::Values(Kind{"gs", fresh_google_prefix, (size_t{33} << 20U) + 5}));

// The account that every emulator of Azure has.
class Azurite {
 public:
  Azurite()
      : port_(free_port()),
        server_({node_packages("azurite") + "/node_modules/.bin/azurite-blob", "--blobHost", "127.0.0.1", "--blobPort",
                 std::to_string(port_), "--location", folder_.path(), "--silent", "--skipApiVersionCheck"},
                text::concat("http://127.0.0.1:", port_)) {
    const AzureAccount account = parse_azure_connection_string(connection());
    http::ClientRequest request;
    request.method = "PUT";
    request.url = account.endpoint + "/container?restype=container";
    azure_authorization(account, http::make_client())(request);
    const http::ClientResponse response = http::make_client()->send(request);
    if (response.status != 201) throw internal_error("no container could be made: ", response.status, response.body);
  }
  std::string connection() const {
    const std::string known = parse_azure_connection_string("UseDevelopmentStorage=true").key;
    return text::concat("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=", known,
                        ";BlobEndpoint=http://127.0.0.1:", port_, "/devstoreaccount1;");
  }
  // What somebody with the key gives out: to read and list the container until 2099.
  std::string reading_token() const {
    const AzureAccount account = parse_azure_connection_string(connection());
    const std::string until = "2099-01-01T00:00:00Z";
    const std::string text =
        text::concat("rl\n\n", until, "\n/blob/devstoreaccount1/container\n\n\n\n2021-12-02\nc\n\n", "\n\n\n\n\n");
    const std::string signature = base64_encode(hmac_sha256(base64_decode(account.key), text));
    return text::concat("sp=rl&se=", http::percent_encode(until),
                        "&sv=2021-12-02&sr=c&sig=", http::percent_encode(signature));
  }
  std::string endpoint() const { return parse_azure_connection_string(connection()).endpoint; }

 private:
  const files::TemporaryFolder folder_{"azurite"};
  const int port_;
  const PeerServer server_;
};

Azurite& azurite() {
  static Azurite server;
  return server;
}

std::unique_ptr<RemoteStore> fresh_azure_prefix() {
  static std::atomic<int> next = 0;
  return open_remote(
      {text::concat("azure://container/some prefix/", next++), {{"connection_string", azurite().connection()}}, 4});
}

INSTANTIATE_TEST_SUITE_P(Azure, RemoteConformance,
                         ::testing::Values(Kind{"azure", fresh_azure_prefix, (size_t{33} << 20U) + 5, false}));

TEST(AzureRemote, ATokenThatMayReadMayNotWrite) {
  fresh_azure_prefix()->write("a", "content");
  open_remote({"azure://container/shared", {{"connection_string", azurite().connection()}}, 1})->write("a", "content");
  const std::string connection =
      text::concat("BlobEndpoint=", azurite().endpoint(), ";SharedAccessSignature=", azurite().reading_token());
  const auto remote = open_remote({"azure://container/shared", {{"connection_string", connection}}, 1});
  EXPECT_TRUE(remote->find("a"));
  try {
    remote->write("b", "content");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied) << error.what();
  }
}

TEST(AzureRemote, AContainerThatIsMissingAndAKeyThatIsWrongAreNamed) {
  const auto code_of = [](const std::string& url, const std::string& connection) {
    try {
      open_remote({url, {{"connection_string", connection}}, 1})->write("a", "x");
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code_of("azure://nowhere/x", azurite().connection()), ErrorCode::kNotFound);
  const std::string wrong = text::replace_all(azurite().connection(), "AccountKey=E", "AccountKey=F");
  EXPECT_EQ(code_of("azure://container/x", wrong), ErrorCode::kPermissionDenied);
}

TEST(SshRemote, AHostThatIsNotKnownIsRefused) {
  const std::string url = ssh_server().url("x");
  const std::string known = ssh_server().folder() + "/home/.ssh/known_hosts";
  const std::string before = files::read(known);
  for (const std::string& text :
       {std::string(), before.substr(0, before.find("AAAA")) +
                           "AAAAC3NzaC1lZDI1NTE5AAAAIGRhbm90aGVya2V5YW5vdGhlcmtleWFub3RoZXJrZXk=\n"}) {
    files::write_atomic(known, text);
    try {
      open_remote({url, {}, 1})->find("a");
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied) << error.what();
    }
  }
  files::write_atomic(known, before);
}

TEST(SshRemote, AKeyThatIsNotKnownIsRefused) {
  const std::string other = ssh_server().folder() + "/other";
  files::write_atomic(other, "no key");
  try {
    open_remote({ssh_server().url("x"), {{"keyfile", other}}, 1})->find("a");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated) << error.what();
  }
}

TEST(SshRemote, SettingsOfTheHostAreRead) {
  const std::string url = ssh_server().url("x");
  const std::string port = url.substr(url.rfind(':') + 1, url.find('/', 7) - url.rfind(':') - 1);
  files::write_atomic(ssh_server().folder() + "/home/.ssh/config",
                      "Host else\n  Port 1\nHost near*\n  HostName 127.0.0.1\n  Port " + port + "\n");
  EXPECT_FALSE(open_remote({"ssh://nearby/nowhere", {}, 1})->find("a"));
}

}  // namespace
}  // namespace slipway::remotes
