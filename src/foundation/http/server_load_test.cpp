// Threads, many connections, blocked handlers, draining and big bodies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <latch>
#include <thread>

#include "foundation/base/blocking.h"
#include "foundation/base/clock.h"
#include "foundation/http/client.h"
#include "foundation/http/server.h"
#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Response root(Request& /*request*/) { return Response::text(200, "root"); }

int64_t of_process(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stoll(line.substr(line.find_first_of("0123456789")));
  }
  return 0;
}

TEST(ServerLoad, ManyIdleConnectionsTakeNoThreads) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const size_t count = limit.rlim_cur > 5000 ? 2000 : 200;
  TestServer server;
  server.route("GET", "/", root);
  const int port = server.start();
  const int64_t threads_before = of_process("Threads:");
  std::vector<RawSocket> sockets;
  for (size_t i = 0; i < count; ++i) {
    sockets.emplace_back(port);
    ASSERT_TRUE(sockets.back().send(kGet));
    ASSERT_THAT(sockets.back().read_answer(), HasSubstr("root"));
  }
  EXPECT_LE(of_process("Threads:"), threads_before + 2);
  for (RawSocket& socket : sockets) {
    socket.send(kGet);
    ASSERT_THAT(socket.read_answer(), HasSubstr("root"));
  }
}

// `blocked` requests wait inside the handler while one more is answered.
void answer_beside_blocked(int blocked, bool says_so) {
  ServerOptions options = quiet_options();
  options.hot_workers = 2;
  options.max_workers = blocked + 2;
  TestServer server(options);
  std::latch all_inside(blocked);
  std::latch release(1);
  server.route("GET", "/", root);
  server.route("GET", "/block", [&](Request&) {
    std::optional<BlockingSection> section;
    if (says_so) section.emplace();
    all_inside.count_down();
    release.wait();
    return Response::text(200, "released");
  });
  const int port = server.start();
  std::vector<RawSocket> waiting;
  for (int i = 0; i < blocked; ++i) {
    waiting.emplace_back(port);
    waiting.back().send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  all_inside.wait();
  RawSocket socket(port);
  socket.send(kGet);
  EXPECT_THAT(socket.read_answer(), HasSubstr("root"));
  release.count_down();
  for (RawSocket& blocked_one : waiting) EXPECT_THAT(blocked_one.read_answer(), HasSubstr("released"));
}

TEST(ServerLoad, HandlersThatSayTheyBlockStarveNobody) { answer_beside_blocked(20, true); }
TEST(ServerLoad, HandlersThatBlockSilentlyStarveNobody) { answer_beside_blocked(6, false); }

TEST(ServerLoad, WithoutAnyThreadLeftClientsAreToldToComeBack) {
  ServerOptions options = quiet_options();
  options.hot_workers = 2;
  options.max_workers = 2;
  TestServer server(options);
  std::latch release(1);
  server.route("GET", "/", root);
  server.route("GET", "/block", [&](Request&) {
    const BlockingSection section;
    release.wait();
    return Response::text(200, "released");
  });
  const int port = server.start();
  RawSocket first(port);
  RawSocket second(port);
  first.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
  second.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string answer;
  // The third may be served before both of the others are inside.
  for (int i = 0; i < 100 && !answer.starts_with("HTTP/1.1 503 "); ++i) {
    RawSocket third(port);
    third.send(kGet);
    answer = third.read_answer();
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1"));
  release.count_down();
  EXPECT_THAT(first.read_answer(), HasSubstr("released"));
  EXPECT_THAT(second.read_answer(), HasSubstr("released"));
}

// A connection may be closed while it is idle; but what a handler began is answered whole, and a client that sees the
// end without a byte of an answer knows that its request was not begun.
TEST(ServerLoad, DrainingLosesNoRequest) {
  TestServer server;
  std::atomic<int> handled{0};
  server.route("GET", "/", [&](Request& r) {
    ++handled;
    return root(r);
  });
  const int port = server.start();
  std::atomic<int> answered{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      RawSocket socket(port);
      while (socket.connected() && socket.send(kGet)) {
        const std::string answer = socket.read_answer();
        if (answer.empty()) return;
        answer.ends_with("root") ? ++answered : ++broken;
        if (!answer.ends_with("root") || answer.find("Connection: close") != std::string::npos) return;
      }
    });
  }
  while (answered < 500) std::this_thread::yield();
  server.server().stop();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(broken, 0);
  EXPECT_EQ(answered, handled);
  EXPECT_FALSE(RawSocket(port).connected());
}

TEST(ServerLoad, DrainingWaitsForTheRunningHandler) {
  TestServer server;
  std::latch inside(1);
  std::latch release(1);
  server.route("GET", "/slow", [&](Request&) {
    const BlockingSection section;
    inside.count_down();
    release.wait();
    return Response::text(200, "done");
  });
  RawSocket socket(server.start());
  socket.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  inside.wait();
  std::thread stopper([&] { server.server().stop(); });
  release.count_down();
  EXPECT_THAT(socket.read_answer(), HasSubstr("done"));
  stopper.join();
}

TEST(ServerLoad, DrainingGivesUpOnThoseWhoNeverFinish) {
  ServerOptions options = quiet_options();
  options.drain_timeout_ms = 100;
  TestServer server(options);
  server.route("POST", "/", [](Request& r) { return Response::text(200, r.read_body()); });
  RawSocket socket(server.start());
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  const int64_t started_ms = steady_ms();
  server.server().stop();
  EXPECT_LT(steady_ms() - started_ms, 4000);
  EXPECT_TRUE(socket.is_closed());
}

TEST(ServerLoad, BigBodiesPassInConstantMemoryBothWays) {
  constexpr uint64_t kSize = uint64_t{256} << 20U;
  const std::string block(size_t{1} << 20U, 'b');
  TestServer server;
  server.route("PUT", "/", [](Request& r) {
    std::vector<char> buffer(size_t{1} << 16U);
    uint64_t total = 0;
    while (const size_t count = r.body->read(buffer.data(), buffer.size())) total += count;
    return Response::text(200, std::to_string(total));
  });
  server.route("GET", "/", [&](Request&) {
    Response response;
    response.body = StreamBody{[&](BodyWriter& writer) {
                                 for (uint64_t sent = 0; sent < kSize; sent += block.size()) writer.write(block);
                               },
                               std::nullopt};
    return response;
  });
  server.start();
  const auto client = make_client();
  const int64_t before_kib = of_process("VmHWM:");
  for (const bool with_length : {true, false}) {
    ClientRequest upload;
    upload.method = "PUT";
    upload.url = server.url("/");
    upload.stream_body = [&](BodyWriter& writer) {
      for (uint64_t sent = 0; sent < kSize; sent += block.size()) writer.write(block);
    };
    if (with_length) upload.stream_length = kSize;
    EXPECT_EQ(client->send(upload).body, std::to_string(kSize));
  }
  ClientRequest download;
  download.url = server.url("/");
  uint64_t total = 0;
  client->stream(
      download, [](const ClientResponse& head) { EXPECT_EQ(head.status, 200); },
      [&](std::string_view bytes) {
        total += bytes.size();
        return true;
      });
  EXPECT_EQ(total, kSize);
  EXPECT_LT(of_process("VmHWM:") - before_kib, 64 * 1024);
}

}  // namespace
}  // namespace slipway::http
