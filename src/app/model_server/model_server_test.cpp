#include "app/model_server/model_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "domains/serving/fake_runtime.h"
#include "foundation/base/files.h"
#include "foundation/base/json_stream.h"
#include "foundation/http/client.h"
#include "foundation/http/server.h"

namespace slipway::model_server {
namespace {

using testing::HasSubstr;

// Opens what the fake registry hands out: the model's offset is the text of its MLmodel file.
std::unique_ptr<serving::Runtime> open_offset(const std::string& folder) {
  return serving::open_fake(files::read(folder + "/MLmodel"));
}

// As much of an MLflow server as a model server asks for: one alias, one file per version, whose text is "100 times the
// version"; and the route that takes predictions.
class FakeServer {
 public:
  FakeServer() { start(0); }

  void start(int port) {
    server_.reset();
    http::ServerOptions options;
    options.port = port;
    options.access_log = false;
    server_ = std::make_unique<http::Server>(options, router_, registry_);
    server_->start();
  }
  void stop() { server_->stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  int port() const { return server_->port(); }
  void promote(int version) { version_ = version; }
  void break_version(int version) { broken_ = version; }
  std::multiset<std::string> received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  http::Response version_answer() {
    return http::Response::json(200, text::concat(R"({"model_version":{"name":"m","version":")", version_.load(),
                                                  R"(","run_id":"r","source":"s"}})"));
  }
  http::Response list(http::Request& request) {
    const bool folder = std::string(request.find_query("path").value_or("")).find("MLmodel") == std::string::npos;
    return http::Response::json(200, folder ? R"({"files":[{"path":"MLmodel","is_dir":false}]})" : "{}");
  }
  http::Response artifact(const http::Request& request) {
    const auto parts = text::split(request.parameter("path"), '/');
    const int64_t version = text::parse_int(parts.at(1)).value();
    return http::Response::text(200, version == broken_ ? "broken" : std::to_string(100 * version));
  }
  http::Response take(http::Request& request) {
    const std::string body = request.read_body();
    JsonReader reader(body);
    std::string key;
    const std::lock_guard lock(mutex_);
    for (reader.begin_object(); reader.next_member(key);) {
      if (key != "prediction_ids") {
        reader.skip();
        continue;
      }
      for (reader.begin_array(); reader.next_element();) received_.emplace(reader.read_string());
    }
    return http::Response::json(200, "{}");
  }
  static http::Router routes(FakeServer& self) {
    http::Router router;
    const std::string api = "/api/2.0/mlflow/";
    const std::string artifacts = "/api/2.0/mlflow-artifacts/artifacts";
    router.add({"GET", api + "registered-models/alias", [&](http::Request&) { return self.version_answer(); }, "", ""});
    router.add({"GET", api + "model-versions/get",
                [&](http::Request& request) {
                  return http::Response::json(200, text::concat(R"({"model_version":{"name":"m","version":")",
                                                                *request.find_query("version"), R"("}})"));
                },
                "", ""});
    router.add({"GET", api + "model-versions/get-download-uri",
                [](http::Request& request) {
                  return http::Response::json(200, text::concat(R"({"artifact_uri":"mlflow-artifacts:/m/)",
                                                                *request.find_query("version"), R"("})"));
                },
                "", ""});
    router.add({"GET", artifacts, [&](http::Request& request) { return self.list(request); }, "", ""});
    router.add({"GET", artifacts + "/{path*}", [&](http::Request& request) { return self.artifact(request); }, "", ""});
    router.add({"POST", "/api/slipway/v1/models/{name}/predictions",
                [&](http::Request& request) { return self.take(request); }, "", ""});
    return router;
  }

  std::atomic<int> version_{1};
  std::atomic<int> broken_{-1};
  std::mutex mutex_;  // guards received_
  std::multiset<std::string> received_;
  metrics::Registry registry_;
  http::Router router_ = routes(*this);
  std::unique_ptr<http::Server> server_;
};

struct Fixture {
  files::TemporaryFolder folder;
  FakeServer registry;

  ModelServerConfig config() const {
    ModelServerConfig out;
    out.model = "models:/m@champion";
    out.port = 0;
    out.server_url = registry.url();
    out.cache_folder = folder.file("cache");
    out.prediction_log = folder.file("log");
    out.watch_interval_ms = 2;
    out.access_log = false;
    out.opener = open_offset;
    return out;
  }
};

http::ClientResponse post(http::Client& client, const std::string& url, const std::string& body) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.body = body;
  return client.send(request);
}

http::ClientResponse get(http::Client& client, const std::string& url) {
  http::ClientRequest request;
  request.url = url;
  return client.send(request);
}

std::string url_of(const ModelServer& server) { return "http://127.0.0.1:" + std::to_string(server.port()); }

// Bounded: a test that never gets there fails instead of hanging.
template <typename Condition>
bool wait_until(const Condition& condition) {
  for (int i = 0; i < 30'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

std::string infer_body(const std::string& id) {
  return R"({"id":")" + id + R"(","inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1]}]})";
}

TEST(ModelServer, FiftyExchangesUnderLoadFailNoRequest) {
  Fixture f;
  ModelServer server(f.config());
  server.start();
  std::atomic<bool> done{false};
  std::atomic<int> sent{0};
  std::mutex mutex;
  std::vector<std::string> failures;
  const auto hammer = [&](int thread) {
    const auto client = http::make_client();
    for (int i = 0; !done; ++i) {
      const std::string id = text::concat(thread, ".", i);
      std::string problem;
      try {
        const bool oip = i % 2 == 0;
        const http::ClientResponse answer =
            oip ? post(*client, url_of(server) + "/v2/models/m/infer", infer_body(id))
                : post(*client, url_of(server) + "/invocations",
                       R"({"inputs":{"a":1},"params":{"prediction_ids":[")" + id + R"("]}})");
        if (answer.status != 200) problem = text::concat(answer.status, " ", answer.body);
        // The answer belongs to the version it names.
        const size_t at = answer.body.find(R"("model_version":")");
        if (oip && at != std::string::npos) {
          const std::string version = answer.body.substr(at + 17, answer.body.find('"', at + 17) - at - 17);
          if (answer.body.find("[" + version + "01.0]") == std::string::npos) problem = answer.body;
        }
      } catch (const Error& error) {
        problem = error.what();
      }
      ++sent;
      if (problem.empty()) continue;
      const std::lock_guard lock(mutex);
      failures.push_back(problem);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(hammer, i);
  for (int version = 2; version <= 51; ++version) {
    const int before = sent;
    f.registry.promote(version);
    ASSERT_TRUE(wait_until([&] { return server.model().status().version == std::to_string(version); }));
    ASSERT_TRUE(wait_until([&] { return sent > before + 8; })) << "no traffic during the exchange";
  }
  done = true;
  threads.clear();
  EXPECT_THAT(failures, testing::IsEmpty());
  EXPECT_EQ(server.model().status().swaps, 50U);
  server.stop();
  // Every prediction that was answered has reached the server.
  std::set<std::string> distinct;
  for (const std::string& id : f.registry.received()) distinct.insert(id);
  EXPECT_EQ(distinct.size(), static_cast<size_t>(sent));
}

TEST(ModelServer, ComesUpBeforeItsRegistryAndIsReadyOnceItIsThere) {
  Fixture f;
  const ModelServerConfig config = f.config();
  const int port = f.registry.port();
  f.registry.stop();
  ModelServer server(config);
  server.start();
  const auto client = http::make_client();
  EXPECT_EQ(get(*client, url_of(server) + "/v2/health/live").status, 200);
  EXPECT_EQ(get(*client, url_of(server) + "/v2/health/ready").status, 503);
  EXPECT_EQ(post(*client, url_of(server) + "/v2/models/m/infer", infer_body("x")).status, 503);
  EXPECT_EQ(get(*client, url_of(server) + "/ping").status, 404);
  f.registry.start(port);
  ASSERT_TRUE(wait_until([&] { return get(*client, url_of(server) + "/v2/health/ready").status == 200; }));
  EXPECT_EQ(post(*client, url_of(server) + "/v2/models/m/infer", infer_body("x")).status, 200);
  EXPECT_EQ(get(*client, url_of(server) + "/ping").body, "\n");
}

TEST(ModelServer, StartsWithWhatItServedLastWhileTheRegistryIsAwayAndFollowsItOnceItIsBack) {
  Fixture f;
  const ModelServerConfig config = f.config();
  const int port = f.registry.port();
  f.registry.promote(7);
  { ModelServer server(config); }
  f.registry.stop();
  {
    ModelServer server(config);
    server.start();
    const auto client = http::make_client();
    EXPECT_THAT(post(*client, url_of(server) + "/v2/models/m/infer", infer_body("x")).body,
                HasSubstr(R"("model_version":"7")"));
    f.registry.promote(8);
    f.registry.start(port);
    ASSERT_TRUE(wait_until([&] { return server.model().status().version == "8"; }));
  }
  f.registry.stop();
  EXPECT_EQ(ModelServer(config).model().status().version, "8") << "what it followed to is what it served last";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(config.cache_folder)) {
    if (entry.path().filename() == "MLmodel") files::write_atomic(entry.path().string(), "666");
  }
  EXPECT_EQ(ModelServer(config).model().status().version, "") << "damaged files are not served";
}

TEST(ModelServer, AFixedVersionStartsFromTheCacheToo) {
  Fixture f;
  ModelServerConfig config = f.config();
  config.model = "models:/m/3";
  f.registry.stop();
  EXPECT_THROW(ModelServer server(config), Error) << "it was never served";
  f.registry.start(f.registry.port());
  config.server_url = f.registry.url();
  { ModelServer server(config); }
  f.registry.stop();
  EXPECT_EQ(ModelServer(config).model().status().version, "3");
}

TEST(ModelServer, ABrokenVersionLeavesTheOldOneAndShowsWhy) {
  Fixture f;
  ModelServer server(f.config());
  server.start();
  const auto client = http::make_client();
  f.registry.break_version(2);
  f.registry.promote(2);
  ASSERT_TRUE(wait_until([&] { return server.model().status().refused.has_value(); }));
  const std::string answer = post(*client, url_of(server) + "/v2/models/m/infer", infer_body("x")).body;
  EXPECT_THAT(answer, HasSubstr(R"("model_version":"1")"));
  EXPECT_THAT(get(*client, url_of(server) + "/v2/models/m").body,
              HasSubstr(R"("refused_version":"2","refused_reason":"no model in broken")"));
  EXPECT_THAT(get(*client, url_of(server) + "/metrics").body,
              HasSubstr(R"(slipway_model_refused{model="m",version="2"} 1)"));
}

TEST(ModelServer, PredictionsWaitForAServerThatIsAway) {
  Fixture f;
  const ModelServerConfig config = f.config();
  const int port = f.registry.port();
  {
    ModelServer server(config);
    server.start();
    f.registry.stop();
    const auto client = http::make_client();
    EXPECT_EQ(post(*client, url_of(server) + "/v2/models/m/infer", infer_body("kept")).status, 200);
    server.stop();
  }
  EXPECT_EQ(f.registry.received().size(), 0U);
  f.registry.start(port);
  ModelServer server(config);
  server.start();
  EXPECT_TRUE(wait_until([&] { return f.registry.received().contains("kept"); }));
}

TEST(ModelServer, ErrorsHaveTheShapeOfTheirProtocol) {
  Fixture f;
  ModelServer server(f.config());
  server.start();
  const auto client = http::make_client();
  const http::ClientResponse unknown = get(*client, url_of(server) + "/v2/models/zz");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, R"({"error":"model 'zz' is not served here; this server has 'm'"})");
  const http::ClientResponse bad = post(*client, url_of(server) + "/v2/models/m/infer", "{");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr(R"({"error":"JSON is not valid)"));
  const http::ClientResponse nowhere = get(*client, url_of(server) + "/nowhere");
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_THAT(nowhere.body, HasSubstr(R"("error_code": "NOT_FOUND")"));
  const http::ClientResponse no_ping = post(*client, url_of(server) + "/ping", "");
  EXPECT_EQ(no_ping.status, 405);
}

TEST(ModelServer, AFolderNeedsNoServer) {
  Fixture f;
  files::write_atomic(f.folder.file("flights/MLmodel"), "100");
  ModelServerConfig config = f.config();
  config.model = f.folder.file("flights");
  config.server_url = "";
  ModelServer server(config);
  server.start();
  const auto client = http::make_client();
  EXPECT_EQ(post(*client, url_of(server) + "/invocations", R"({"inputs":{"a":1}})").body,
            R"({"predictions": [101.0]})");
  EXPECT_EQ(server.model().name(), "flights");
}

TEST(ModelServer, AWrongAddressEndsTheStart) {
  Fixture f;
  ModelServerConfig config = f.config();
  config.model = "models:/m";
  EXPECT_THROW(ModelServer server(config), Error);
  config.model = f.folder.file("nothing");
  EXPECT_THROW(ModelServer server(config), Error);
  config.model = "models:/m@champion";
  config.server_url = "";
  EXPECT_THROW(ModelServer server(config), Error);
}

}  // namespace
}  // namespace slipway::model_server
