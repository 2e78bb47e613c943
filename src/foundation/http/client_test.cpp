#include "foundation/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <thread>

#include "foundation/http/server_fixture.h"
#include "foundation/http/url.h"

namespace slipway::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ClientRequest get(std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  return request;
}

// Code and text of what an action throws.
std::pair<ErrorCode, std::string> error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Url, FallsIntoItsParts) {
  const Url url = parse_url("HTTPS://Host.example:8443/a%20b?c=d#e");
  EXPECT_TRUE(url.is_tls);
  EXPECT_EQ(url.host, "Host.example");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target, "/a%20b?c=d");
  EXPECT_EQ(url.origin(), "https://Host.example:8443");
  EXPECT_EQ(parse_url("http://h").target, "/");
  EXPECT_EQ(parse_url("http://h?x").target, "/?x");
  EXPECT_EQ(parse_url("http://h").host_field(), "h");
  EXPECT_EQ(parse_url("http://[::1]:80/").host, "::1");
  EXPECT_EQ(parse_url("http://[::1]:81/").host_field(), "[::1]:81");
}

TEST(Url, RefusesWhatItCannotUse) {
  for (const char* bad : {"", "host", "ftp://h/", "http://", "http://h:0/", "http://h:99999/", "http://h:x/",
                          "http://h/a b", "http://h/\r\nX: y", "http://:80/", "http://[h", "http://[]/", "http://h]/",
                          "http://::1/", "http://h\\@i/", "http://h\ti/", "http://h\x80/"}) {
    EXPECT_EQ(error_of([&] { parse_url(bad); }).first, ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_THAT(error_of([] { parse_url("http://me:secret@h/?token=t"); }).second, Not(HasSubstr("secret")));
}

TEST(Client, SendsAndReceives) {
  TestServer server;
  server.route("POST", "/echo", [](Request& r) {
    return Response::json(201, text::concat(r.headers.find("X-A").value_or("-"), r.read_body()));
  });
  server.start();
  ClientRequest request = get(server.url("/echo"));
  request.method = "POST";
  request.headers.add("X-A", "1");
  request.body = "{}";
  const ClientResponse response = make_client()->send(request);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "1{}");
  EXPECT_EQ(response.headers.find("content-type"), "application/json");
}

TEST(Client, ReturnsEveryStatusAsAValue) {
  TestServer server;
  server.route("GET", "/204", [](Request&) { return Response::empty(204); });
  server.route("GET", "/500", [](Request&) { return Response::text(500, "bad"); });
  server.route("GET", "/304", [](Request&) { return Response::empty(304); });
  server.start();
  const auto client = make_client();
  EXPECT_EQ(client->send(get(server.url("/204"))).status, 204);
  EXPECT_EQ(client->send(get(server.url("/500"))).body, "bad");
  EXPECT_EQ(client->send(get(server.url("/304"))).status, 304);
  EXPECT_EQ(client->send(get(server.url("/none"))).status, 404);
  ClientRequest head = get(server.url("/500"));
  head.method = "HEAD";
  const ClientResponse answer = client->send(head);
  EXPECT_EQ(answer.headers.find("Content-Length"), "3");
  EXPECT_EQ(answer.body, "");
}

TEST(Client, UsesItsConnectionAgain) {
  ScriptedServer server([](RawSocket& socket) {
    while (socket.read_until("\r\n\r\n").ends_with("\r\n\r\n"))
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  {
    const auto client = make_client();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(client->send(get(server.url())).body, "ok");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, SendsAgainOnceWhenAKeptConnectionWasClosed) {
  ScriptedServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    // The next request arrives and gets no answer.
    socket.read_until("\r\n\r\n");
  });
  {
    const auto client = make_client();
    EXPECT_EQ(client->send(get(server.url())).body, "ok");
    EXPECT_EQ(client->send(get(server.url())).body, "ok");
  }
  EXPECT_EQ(server.connections(), 2);
}

TEST(Client, DoesNotSendAgainOnAFreshConnectionOrAfterABeginning) {
  ScriptedServer silent([](RawSocket& socket) { socket.read_until("\r\n\r\n"); });
  const auto [code, message] = error_of([&] { make_client()->send(get(silent.url())); });
  EXPECT_EQ(code, ErrorCode::kUnavailable);
  EXPECT_EQ(silent.connections(), 1);
  ScriptedServer partial([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 2");
  });
  {
    const auto client = make_client();
    client->send(get(partial.url()));
    EXPECT_EQ(error_of([&] { client->send(get(partial.url())); }).first, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(partial.connections(), 1);
}

TEST(Client, SaysWhenNobodyListens) {
  int port = 0;
  {
    const Listener gone("127.0.0.1", 0);
    port = gone.port();
  }
  const auto [code, message] =
      error_of([&] { make_client()->send(get(text::concat("http://127.0.0.1:", port, "/"))); });
  EXPECT_EQ(code, ErrorCode::kUnavailable);
  EXPECT_EQ(message,
            text::concat("cannot reach http://127.0.0.1:", port, ": connection refused; is the server running?"));
}

TEST(Client, GivesUpOnASilentServer) {
  ScriptedServer server([](RawSocket& socket) { socket.read_to_end(); });
  ClientRequest request = get(server.url());
  request.timeout_ms = 100;
  EXPECT_EQ(error_of([&] { make_client()->send(request); }).first, ErrorCode::kDeadlineExceeded);
}

TEST(Client, SeesBrokenAnswers) {
  for (const char* answer : {
           "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "SSH-2.0-OpenSSH\r\n\r\n",
       }) {
    ScriptedServer server([&](RawSocket& socket) {
      socket.read_until("\r\n\r\n");
      socket.send(answer);
    });
    EXPECT_EQ(error_of([&] { make_client()->send(get(server.url())); }).first, ErrorCode::kUnavailable) << answer;
  }
}

TEST(Client, ReadsToTheEndWhereNoLengthIsGivenAndSkipsInterimHeads) {
  ScriptedServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 200 OK\r\n\r\nall of it");
  });
  EXPECT_EQ(make_client()->send(get(server.url())).body, "all of it");
}

TEST(Client, LimitsAWholeAnswer) {
  TestServer server;
  server.route("GET", "/", [](Request&) { return Response::text(200, std::string(1000, 'x')); });
  server.start();
  ClientRequest request = get(server.url("/"));
  request.max_body_bytes = 999;
  EXPECT_EQ(error_of([&] { make_client()->send(request); }).first, ErrorCode::kTooLarge);
  request.max_body_bytes = 1000;
  EXPECT_EQ(make_client()->send(request).body.size(), 1000U);
}

TEST(Client, HearsARefusalInTheMiddleOfAnUpload) {
  ServerOptions options = quiet_options();
  options.max_body_bytes = 1000;
  TestServer server(options);
  server.route("PUT", "/", [](Request& r) { return Response::text(200, r.read_body()); });
  server.start();
  for (const bool with_length : {true, false}) {
    ClientRequest request = get(server.url("/"));
    request.method = "PUT";
    request.stream_body = [](BodyWriter& writer) {
      const std::string block(100'000, 'x');
      for (int i = 0; i < 500; ++i) writer.write(block);
    };
    if (with_length) request.stream_length = 50'000'000;
    EXPECT_EQ(make_client()->send(request).status, 413);
  }
}

TEST(Client, PassesOnWhatTheBodyThrowsAndForgetsTheConnection) {
  TestServer server;
  server.route("PUT", "/", [](Request& r) { return Response::text(200, r.read_body()); });
  server.start();
  const auto client = make_client();
  ClientRequest request = get(server.url("/"));
  request.method = "PUT";
  request.stream_body = [](BodyWriter& writer) {
    writer.write("begin");
    throw not_found("the file is gone");
  };
  EXPECT_EQ(error_of([&] { client->send(request); }).second, "the file is gone");
  request.stream_body = [](BodyWriter& writer) { writer.write("abc"); };
  request.stream_length = 5;
  EXPECT_EQ(error_of([&] { client->send(request); }).first, ErrorCode::kInternal);
  request.stream_length = 3;
  EXPECT_EQ(client->send(request).body, "abc");
}

TEST(Client, StopsAStreamOnRequest) {
  TestServer server;
  server.route("GET", "/", [](Request&) {
    Response response;
    response.body = StreamBody{[](BodyWriter& writer) {
                                 for (int i = 0; i < 100000; ++i) writer.write(std::string(10000, 'x'));
                               },
                               std::nullopt};
    return response;
  });
  server.start();
  size_t seen = 0;
  make_client()->stream(
      get(server.url("/")), [](const ClientResponse& head) { EXPECT_EQ(head.status, 200); },
      [&](std::string_view bytes) { return (seen += bytes.size()) < 100'000; });
  EXPECT_LT(seen, 1'000'000U);
}

TEST(Client, RefusesHeadersThatWouldSplitTheRequest) {
  ClientRequest request = get("http://127.0.0.1:1/");
  request.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(error_of([&] { make_client()->send(request); }).first, ErrorCode::kInvalidArgument);
}

TEST(Client, IsSharedBetweenThreads) {
  TestServer server;
  server.route("GET", "/{x}", [](Request& r) { return Response::text(200, std::string(r.parameter("x"))); });
  server.start();
  const auto client = make_client();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string name = text::concat(t, '-', i);
        if (client->send(get(server.url("/" + name))).body != name) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Client, HandsAnAnswerOutToBeRead) {
  TestServer server;
  server.route("GET", "/pieces", [](Request&) {
    Response response;
    response.status = 418;
    response.body = StreamBody{[](BodyWriter& writer) {
                                 for (const char* piece : {"one ", "two ", "three"}) writer.write(piece);
                               },
                               std::nullopt};
    return response;
  });
  server.start();
  const auto client = make_client();
  for (int i = 0; i < 2; ++i) {
    const auto answer = client->open(get(server.url("/pieces")));
    EXPECT_EQ(answer->head().status, 418);
    std::string body;
    std::array<char, 3> buffer{};
    while (const size_t count = answer->read(buffer.data(), buffer.size())) body.append(buffer.data(), count);
    EXPECT_EQ(body, "one two three");
    EXPECT_EQ(answer->read(buffer.data(), buffer.size()), 0U);
  }
  client->open(get(server.url("/pieces")));  // let go of before it was read
}

TEST(Client, EndsItsWaitingWhenInterrupted) {
  TestServer server;
  std::promise<void> asked;
  std::promise<void> done;
  server.route("GET", "/slow", [&](Request&) {
    asked.set_value();
    done.get_future().wait();
    return Response::text(200, "late");
  });
  server.start();
  const auto client = make_client();
  std::thread stopper([&] {
    asked.get_future().wait();
    client->interrupt();
  });
  EXPECT_EQ(error_of([&] { client->send(get(server.url("/slow"))); }).first, ErrorCode::kUnavailable);
  stopper.join();
  EXPECT_EQ(error_of([&] { client->send(get(server.url("/slow"))); }).second, "the program is stopping");
  done.set_value();
}

}  // namespace
}  // namespace slipway::http
