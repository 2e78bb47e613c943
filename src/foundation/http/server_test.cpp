#include "foundation/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/http/compression.h"
#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Response hello(Request& /*request*/) { return Response::text(200, "hello"); }
Response echo(Request& request) { return Response::text(200, request.read_body()); }

std::string get(int port, std::string_view target, std::string_view headers = "") {
  RawSocket socket(port);
  socket.send(text::concat("GET ", target, " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", headers, "\r\n"));
  return socket.read_to_end();
}

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

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

TEST(Server, ClosesWhenAsked) {
  TestServer server;
  server.route("GET", "/hello", hello);
  RawSocket socket(server.start());
  socket.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(socket.read_to_end(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(socket.is_closed());
}

TEST(Server, SpeaksHttp10) {
  TestServer server;
  server.route("GET", "/hello", hello);
  RawSocket socket(server.start());
  socket.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  socket.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(socket.read_to_end(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(socket.is_closed());
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

TEST(Server, PutsTogetherARequestThatComesByteByByte) {
  TestServer server;
  server.route("POST", "/echo", echo);
  RawSocket socket(server.start());
  for (const char c : std::string_view("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"))
    socket.send({&c, 1});
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nabc"));
}

TEST(Server, ReadsBodiesWithLengthAndInChunks) {
  TestServer server;
  server.route("POST", "/echo", echo);
  RawSocket socket(server.start());
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nabcde"));
  socket.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: "
      "x\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nabcde"));
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\n"));
}

TEST(Server, GivesTheHandlerADecodedRequest) {
  TestServer server;
  server.route("GET", "/d/{name}/{rest*}", [](Request& r) {
    return Response::text(200,
                          text::concat(r.path, '|', r.parameter("name"), '|', r.parameter("rest"), '|',
                                       r.find_query("q").value_or("-"), '|', r.all_query("m").size(), '|', r.peer));
  });
  const int port = server.start();
  EXPECT_EQ(body_of(get(port, "/d/a%2Fb/c%252e/d?q=1+2&m=1&m=2")), "/d/a/b/c%2e/d|a/b|c%2e/d|1 2|2|127.0.0.1");
  EXPECT_THAT(body_of(get(port, "http://other/d/x/y?q=z")), StartsWith("/d/x/y|x|y|z"));
  EXPECT_THAT(get(port, "/d/%zz"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get(port, "/d/a%00b"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get(port, "/d/a?q=%"), StartsWith("HTTP/1.1 400 "));
}

TEST(Server, AsksForTheBodyOnlyWhenItIsRead) {
  TestServer server;
  server.route("POST", "/read", echo);
  server.route("POST", "/ignore", [](Request&) { return Response::text(403, "no"); });
  const int port = server.start();
  RawSocket reader(port);
  reader.send("POST /read HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(reader.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  reader.send("abc");
  EXPECT_THAT(reader.read_answer(), EndsWith("\r\n\r\nabc"));
  RawSocket ignored(port);
  ignored.send("POST /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  const std::string answer = ignored.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST(Server, SkipsASmallBodyThatNobodyRead) {
  TestServer server;
  server.route("POST", "/ignore", [](Request&) { return Response::text(200, "ok"); });
  RawSocket socket(server.start());
  for (int i = 0; i < 3; ++i) {
    socket.send("POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nok"));
    socket.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nok"));
  }
}

TEST(Server, AnswersHeadLikeGetWithoutTheBody) {
  TestServer server;
  const files::TemporaryFolder folder;
  files::write_atomic(folder.file("f"), "12345678");
  server.route("GET", "/hello", hello);
  server.route("GET", "/file", [&](Request& r) { return file_response(r, folder.file("f"), 8, "text/plain", "x"); });
  server.route("HEAD", "/own", [](Request&) {
    Response response = Response::empty(200);
    response.headers.set("Content-Length", "77");
    return response;
  });
  RawSocket socket(server.start());
  for (const auto& [path, length] : {std::pair("/hello", 5), std::pair("/file", 8), std::pair("/own", 77)}) {
    socket.send(text::concat("HEAD ", path, " HTTP/1.1\r\nHost: a\r\n\r\n"));
    const std::string head = socket.read_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(head, HasSubstr(text::concat("Content-Length: ", length, "\r\n")));
  }
}

TEST(Server, SendsFilesAndTheirParts) {
  TestServer server;
  const files::TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 300000; ++i) content += std::to_string(i);
  files::write_atomic(folder.file("f"), content);
  server.route("GET", "/f",
               [&](Request& r) { return file_response(r, folder.file("f"), content.size(), "text/plain", "x"); });
  server.route("GET", "/gone", [&](Request& r) { return file_response(r, folder.file("gone"), 5, "text/plain"); });
  const int port = server.start();
  EXPECT_EQ(body_of(get(port, "/f")), content);
  const std::string part = get(port, "/f", "Range: bytes=100000-199999\r\nAccept-Encoding: gzip\r\n");
  EXPECT_THAT(part, StartsWith("HTTP/1.1 206 "));
  EXPECT_EQ(body_of(part), content.substr(100000, 100000));
  EXPECT_THAT(get(port, "/f", "If-None-Match: \"x\"\r\n"), StartsWith("HTTP/1.1 304 "));
  EXPECT_THAT(get(port, "/f", "Range: bytes=99999999-\r\n"), StartsWith("HTTP/1.1 416 "));
  EXPECT_THAT(get(port, "/gone"), StartsWith("HTTP/1.1 404 "));
}

TEST(Server, StreamsInChunksWithLengthAndToTheEnd) {
  TestServer server;
  const auto write = [](BodyWriter& writer) {
    writer.write("abc");
    writer.write("");
    writer.write("defg");
  };
  server.route("GET", "/chunks", [&](Request&) {
    Response response;
    response.body = StreamBody{write, std::nullopt};
    return response;
  });
  server.route("GET", "/length", [&](Request&) {
    Response response;
    response.body = StreamBody{write, 7};
    return response;
  });
  RawSocket socket(server.start());
  socket.send("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(socket.read_until("0\r\n\r\n"), EndsWith("\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"));
  socket.send("GET /length HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(socket.read_answer(), EndsWith("\r\n\r\nabcdefg"));
  socket.send("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = socket.read_to_end();
  EXPECT_THAT(answer, EndsWith("\r\n\r\nabcdefg"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST(Server, BreaksOffAStreamThatFails) {
  TestServer server;
  server.route("GET", "/late", [](Request&) {
    Response response;
    response.body = StreamBody{[](BodyWriter& writer) {
                                 writer.write("abc");
                                 throw std::runtime_error("disk gone");
                               },
                               std::nullopt};
    return response;
  });
  server.route("GET", "/early", [](Request&) {
    Response response;
    response.body = StreamBody{[](BodyWriter&) { throw not_found("no such thing"); }, std::nullopt};
    return response;
  });
  const int port = server.start();
  const std::string late = get(port, "/late");
  EXPECT_THAT(late, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(late, Not(HasSubstr("0\r\n\r\n")));
  EXPECT_THAT(get(port, "/early"), StartsWith("HTTP/1.1 404 "));
}

TEST(Server, CompressesTextForThoseWhoTakeIt) {
  TestServer server;
  const std::string text(100000, 'x');
  server.route("GET", "/text", [&](Request&) {
    Response response = Response::text(200, text);
    response.headers.set("ETag", "\"t\"");
    return response;
  });
  server.route("GET", "/image", [&](Request&) { return Response::text(200, text, "image/png"); });
  server.route("GET", "/small", hello);
  const int port = server.start();
  const std::string packed = get(port, "/text", "Accept-Encoding: gzip, br\r\n");
  EXPECT_THAT(packed, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_THAT(packed, HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_THAT(packed, HasSubstr("ETag: W/\"t\"\r\n"));
  Inflater inflater;
  std::string plain;
  EXPECT_TRUE(inflater.feed(body_of(packed), plain, text.size()));
  EXPECT_EQ(plain, text);
  EXPECT_EQ(body_of(get(port, "/text")), text);
  EXPECT_THAT(get(port, "/text"), HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_THAT(get(port, "/image", "Accept-Encoding: gzip\r\n"), Not(HasSubstr("Content-Encoding")));
  EXPECT_THAT(get(port, "/small", "Accept-Encoding: gzip\r\n"), Not(HasSubstr("Content-Encoding")));
}

TEST(Server, TellsRequestsApartByTheirIds) {
  TestServer server;
  server.route("GET", "/id", [](Request& r) { return Response::text(200, r.request_id); });
  const int port = server.start();
  const std::string given = get(port, "/id", "X-Request-Id: my-id.7\r\n");
  EXPECT_THAT(given, HasSubstr("\r\nX-Request-Id: my-id.7\r\n"));
  EXPECT_EQ(body_of(given), "my-id.7");
  const std::string fresh = body_of(get(port, "/id", "X-Request-Id: <script>\r\n"));
  EXPECT_EQ(fresh.size(), 16U);
  EXPECT_NE(fresh, body_of(get(port, "/id")));
}

TEST(Server, RendersWhatHandlersThrow) {
  TestServer server;
  server.route("GET", "/missing", [](Request&) -> Response { throw not_found("run 7 does not exist"); });
  server.route("GET", "/bug", [](Request&) -> Response { throw std::runtime_error("secret detail"); });
  server.route("GET", "/odd", [](Request&) -> Response { throw 7; });
  server.route("GET", "/split", [](Request&) {
    Response response = Response::empty(200);
    response.headers.set("X-A", "b\r\nSet-Cookie: c");
    return response;
  });
  const int port = server.start();
  EXPECT_EQ(body_of(get(port, "/missing")), R"({"error":{"code":"not_found","message":"run 7 does not exist"}})");
  EXPECT_THAT(get(port, "/missing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(get(port, "/bug"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(get(port, "/bug"), Not(HasSubstr("secret detail")));
  EXPECT_THAT(get(port, "/odd"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(get(port, "/split"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(get(port, "/split"), Not(HasSubstr("Set-Cookie: c")));
}

TEST(Server, PathsWithSlashesTooManyAreTheSameWithoutThemIfAnything) {
  TestServer server;
  server.route("GET", "/api/{name}",
               [](Request& request) { return Response::text(200, std::string(request.parameter("name"))); });
  const int port = server.start();
  const std::string redirected = get(port, "//api///a%2Fb?x=1//2");
  EXPECT_THAT(redirected, StartsWith("HTTP/1.1 308 "));
  EXPECT_THAT(redirected, HasSubstr("\r\nLocation: /api/a%2Fb?x=1//2\r\n"));
  EXPECT_THAT(get(port, "//elsewhere.example/x"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(get(port, "/api//"), StartsWith("HTTP/1.1 404 "));
}

TEST(Server, LetsTheOwnerRenderErrorsAndFilterRequests) {
  TestServer server;
  server.route("GET", "/open", hello);
  server.route("GET", "/shut", hello);
  Server& made = server.make();
  made.set_error_renderer([](const Request&, int status, std::string_view code, std::string_view message) {
    return Response::text(status, text::concat("<", code, "> ", message));
  });
  made.set_filter([](Request&, const Route& route) -> std::optional<Response> {
    if (route.pattern == "/shut") throw permission_denied("not you");
    return std::nullopt;
  });
  const int port = server.start();
  EXPECT_EQ(body_of(get(port, "/open")), "hello");
  EXPECT_EQ(body_of(get(port, "/shut")), "<permission_denied> not you");
  EXPECT_EQ(body_of(get(port, "/none")), "<not_found> no such page: GET /none");
  RawSocket socket(port);
  socket.send("DELETE /open HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string refused = socket.read_answer();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(refused, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_THAT(refused, HasSubstr("<method_not_allowed>"));
}

// As the program does: the server first, then the routes of whoever needs it.
TEST(Server, CountsRoutesThatCameAfterIt) {
  Router router;
  metrics::Registry registry;
  Server server({}, router, registry);
  router.add({{"GET", "/m/{name}", hello, "public", ""}});
  server.start();
  get(server.port(), "/m/a");
  server.stop();
  EXPECT_THAT(registry.expose(), HasSubstr("slipway_http_requests_total{method=\"GET\",route=\"/m/{name}\","));
}

TEST(Server, CountsByRouteAndStatus) {
  TestServer server;
  server.route("GET", "/m/{name}", hello);
  const int port = server.start();
  get(port, "/m/a");
  get(port, "/m/b");
  get(port, "/else");
  server.server().stop();
  const std::string text = server.registry().expose();
  EXPECT_THAT(text, HasSubstr("slipway_http_requests_total{method=\"GET\",route=\"/m/{name}\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("slipway_http_requests_total{method=\"any\",route=\"none\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("slipway_http_request_seconds_count{route=\"/m/{name}\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("slipway_http_connections 0\n"));
  EXPECT_THAT(text, HasSubstr("slipway_http_requests_in_flight 0\n"));
}

TEST(Server, LogsOneLinePerRequestWithoutTheQuery) {
  ServerOptions options = quiet_options();
  options.access_log = true;
  TestServer server(options);
  server.route("GET", "/m/{name}", hello);
  const int port = server.start();
  ::testing::internal::CaptureStderr();
  get(port, "/m/a?token=secret", "X-Request-Id: r1\r\n");
  server.server().stop();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(" info request method=GET path=/m/a status=200 bytes=5 ms="));
  EXPECT_THAT(log, HasSubstr(" peer=127.0.0.1 route=/m/{name} request_id=r1\n"));
  EXPECT_THAT(log, Not(HasSubstr("secret")));
}

TEST(Server, ServesABodyWhileItIsStillComing) {
  TestServer server;
  server.route("POST", "/echo", [](Request& r) {
    Response response;
    response.body = StreamBody{[&r](BodyWriter& writer) {
                                 char buffer[16];
                                 while (const size_t count = r.body->read(buffer, sizeof buffer))
                                   writer.write({buffer, count});
                               },
                               std::nullopt};
    return response;
  });
  RawSocket socket(server.start());
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  socket.send("3\r\nabc\r\n");
  EXPECT_THAT(socket.read_until("3\r\nabc\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  socket.send("2\r\nde\r\n");
  EXPECT_EQ(socket.read_until("2\r\nde\r\n"), "2\r\nde\r\n");
  socket.send("0\r\n\r\n");
  EXPECT_EQ(socket.read_until("0\r\n\r\n"), "0\r\n\r\n");
}

TEST(Server, RefusesAFileThatBecameShorter) {
  TestServer server;
  const files::TemporaryFolder folder;
  files::write_atomic(folder.file("f"), "short");
  server.route("GET", "/f", [&](Request& r) { return file_response(r, folder.file("f"), 1000, "text/plain"); });
  EXPECT_THAT(get(server.start(), "/f"), StartsWith("HTTP/1.1 500 "));
}

TEST(Server, SaysWhatToDoWhenThePortIsTaken) {
  TestServer server;
  const int port = server.start();
  ServerOptions options = quiet_options();
  options.port = port;
  TestServer second(options);
  try {
    second.make();
    FAIL() << "two servers on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_THAT(error.what(), HasSubstr(text::concat("address 127.0.0.1:", port, " is in use")));
  }
}

}  // namespace
}  // namespace slipway::http
