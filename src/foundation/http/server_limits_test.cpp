// What the server refuses, with which status, and that nothing slips through between two readings of one message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/clock.h"
#include "foundation/http/server.h"
#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct LimitsTest : ::testing::Test {
  static ServerOptions options() {
    ServerOptions options = quiet_options();
    options.max_header_bytes = 4096;
    options.max_body_bytes = 1000;
    options.header_timeout_ms = 300;
    options.body_timeout_ms = 300;
    options.idle_timeout_ms = 400;
    return options;
  }
  LimitsTest() : server(options()) {
    server.route("POST", "/echo", [](Request& r) { return Response::text(200, "got " + r.read_body()); });
    server.route("GET", "/", [](Request&) { return Response::text(200, "root"); });
    port = server.start();
  }
  // The status of the first answer, 0 for none; the connection must end after it unless it is 200.
  std::string all_answers(std::string_view bytes) const {
    RawSocket socket(port);
    socket.send(bytes);
    return socket.read_to_end();
  }
  int status_of_bytes(std::string_view bytes) const {
    const std::string answer = all_answers(bytes);
    return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
  }
  TestServer server;
  int port = 0;
};

TEST_F(LimitsTest, AMalformedRequestIs400AndTheEnd) {
  for (const std::string_view bytes : {
           std::string_view("nonsense\r\n\r\n"),
           std::string_view("GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n"),
           std::string_view("GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
           std::string_view("GET / HTTP/1.1\nHost: a\n\n"),
           std::string_view("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string_view("GET / HTTP/1.1\r\n\r\n"),
           std::string_view("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
           "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv,
           std::string_view("G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n"),
       }) {
    const std::string answer = all_answers(text::concat(bytes, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << bytes;
    EXPECT_THAT(answer, Not(HasSubstr("root"))) << bytes;
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << bytes;
  }
}

TEST_F(LimitsTest, NothingCanBeSmuggled) {
  const std::string hidden = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const auto& [fields, status] : std::vector<std::pair<std::string, int>>{
           {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
           {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
           {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", 501},
           {"Transfer-Encoding: gzip, chunked\r\n", 501},
           {"Transfer-Encoding: chunked, identity\r\n", 501},
           {"Transfer-Encoding: xchunked\r\n", 501},
           {"Transfer-Encoding:\x0b"
            "chunked\r\n",
            400},
           {"Transfer-Encoding : chunked\r\n", 400},
           {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
           {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
           {"Transfer-Encoding:\r\n chunked\r\n", 400},
           {"X: a\r\n\tb\r\n", 400},
           {"Content-Length: 5, 6\r\n", 400},
           {"Content-Length: +5\r\n", 400},
           {"Content-Length: -5\r\n", 400},
           {"Content-Length: 0x5\r\n", 400},
           {"Content-Length: 5 5\r\n", 400},
           {"Content-Length: 99999999999999999999999\r\n", 400},
           {"Content-Length:\r\n", 400},
       }) {
    const std::string answer =
        all_answers(text::concat("POST /echo HTTP/1.1\r\nHost: a\r\n", fields, "\r\n0\r\n\r\n", hidden));
    EXPECT_THAT(answer, StartsWith(text::concat("HTTP/1.1 ", status, " "))) << fields;
    EXPECT_THAT(answer, Not(HasSubstr("root"))) << fields;
  }
  EXPECT_EQ(status_of_bytes("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST_F(LimitsTest, BadChunksAre400) {
  for (const std::string chunks : {"x\r\n", "-1\r\n", "3\r\nabcd\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "\r\n",
                                   "11111111111111111\r\na", "0x3\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n"}) {
    const std::string answer =
        all_answers(text::concat("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", chunks));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << chunks;
  }
  EXPECT_EQ(status_of_bytes("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;" +
                            std::string(60000, 'x')),
            400);
}

TEST_F(LimitsTest, TooMuchHas413Or414Or431) {
  EXPECT_EQ(status_of_bytes("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"), 413);
  EXPECT_EQ(status_of_bytes("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                            std::string(1001, 'x') + "\r\n0\r\n\r\n"),
            413);
  EXPECT_EQ(status_of_bytes("GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status_of_bytes("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of_bytes("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'x')), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 300; ++i) many += "a: b\r\n";
  EXPECT_EQ(status_of_bytes(many + "\r\n"), 431);
}

TEST_F(LimitsTest, ARefusedUploadIsAnsweredBeforeTheConnectionEnds) {
  RawSocket socket(port);
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
  socket.send(std::string(3000000, 'x'));
  EXPECT_THAT(socket.read_to_end(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(LimitsTest, WhatIsNotSpokenHas417Or501Or505) {
  EXPECT_EQ(status_of_bytes("GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n"), 417);
  EXPECT_EQ(status_of_bytes("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST_F(LimitsTest, ASlowHeadIs408) {
  RawSocket socket(port);
  socket.send("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(socket.read_to_end(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(socket.is_closed());
}

TEST_F(LimitsTest, AHeadThatTricklesIs408Too) {
  RawSocket socket(port);
  socket.send("GET / HTTP/1.1\r\nX: ");
  const int64_t started_ms = steady_ms();
  bool sent = true;
  while (sent && steady_ms() - started_ms < 4000) {
    sent = socket.send("x");
    usleep(20'000);
  }
  EXPECT_LT(steady_ms() - started_ms, 3900);
}

TEST_F(LimitsTest, ASlowBodyIs408) {
  EXPECT_EQ(status_of_bytes("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"), 408);
  EXPECT_EQ(status_of_bytes("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), 408);
}

TEST_F(LimitsTest, AnIdleConnectionEndsWithoutAWord) {
  RawSocket socket(port);
  socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), HasSubstr("root"));
  EXPECT_EQ(socket.read_to_end(), "");
  EXPECT_TRUE(socket.is_closed());
}

TEST_F(LimitsTest, EmptyLinesBeforeARequestAreForgiven) {
  RawSocket socket(port);
  socket.send("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), HasSubstr("root"));
}

TEST(Limits, ConnectionsOverTheBoundAre503) {
  ServerOptions options = quiet_options();
  options.max_connections = 2;
  TestServer server(options);
  server.route("GET", "/", [](Request&) { return Response::text(200, "root"); });
  const int port = server.start();
  RawSocket first(port);
  RawSocket second(port);
  first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(first.read_answer(), HasSubstr("root"));
  EXPECT_THAT(second.read_answer(), HasSubstr("root"));
  RawSocket third(port);
  const std::string refused = third.read_to_end();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: "));
  first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(first.read_answer(), HasSubstr("root"));
}

}  // namespace
}  // namespace slipway::http
