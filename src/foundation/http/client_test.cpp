#include "foundation/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

TEST(Client, SendsAndReceives) {
  TestServer server;
  server.route("POST", "/echo", [](Request& r) { return Response::json(201, r.read_body()); });
  server.start();
  const auto client = make_client();
  ClientRequest request;
  request.method = "POST";
  request.url = server.url("/echo");
  request.body = "{}";
  const ClientResponse response = client->send(request);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "{}");
}

}  // namespace
}  // namespace slipway::http
