#include "foundation/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Response hello(Request& /*request*/) { return Response::text(200, "hello"); }
Response echo(Request& request) { return Response::text(200, request.read_body()); }

TEST(Server, AnswersAndKeepsTheConnection) {
  TestServer server;
  server.route("GET", "/hello", hello);
  RawSocket socket(server.start());
  for (int i = 0; i < 3; ++i) {
    socket.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = socket.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nServer: slipway\r\nDate: "));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
    EXPECT_THAT(answer, Not(HasSubstr("Connection:")));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  server.route("GET", "/{number}",
               [](Request& r) { return Response::text(200, std::string(r.parameter("number")) + ";"); });
  RawSocket socket(server.start());
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += text::concat("GET /", i, " HTTP/1.1\r\nHost: a\r\n\r\n");
  socket.send(requests);
  for (int i = 0; i < 100; ++i) EXPECT_THAT(socket.read_answer(), EndsWith(text::concat("\r\n\r\n", i, ";")));
}

TEST(Server, ReadsBodiesWithLengthAndInChunks) {
  TestServer server;
  server.route("POST", "/echo", echo);
  RawSocket socket(server.start());
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nabcde"));
  socket.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nabcde"));
}

}  // namespace
}  // namespace slipway::http
