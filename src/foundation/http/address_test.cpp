#include "foundation/http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/http/client.h"
#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using ::testing::HasSubstr;

bool is_public(const std::string& text) {
  const auto address = SocketAddress::parse(text);
  if (!address) ADD_FAILURE() << text << " is not an address";
  return address && address->is_public();
}

TEST(Address, OfTheInternet) {
  for (const char* text : {"1.1.1.1",         "8.8.8.8",
                           "9.255.255.255",   "11.0.0.0",
                           "93.184.216.34",   "100.63.255.255",
                           "100.128.0.0",     "126.0.0.1",
                           "128.0.0.1",       "169.253.255.255",
                           "169.255.0.0",     "172.15.255.255",
                           "172.32.0.0",      "191.255.255.255",
                           "192.0.1.1",       "192.167.255.255",
                           "192.169.0.0",     "198.17.255.255",
                           "198.20.0.0",      "223.255.255.255",
                           "2606:4700::1111", "2001:4860:4860::8888",
                           "2400::1",         "3ffe::1",
                           "2003::1",         "::ffff:8.8.8.8",
                           "64:ff9b::808:808"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(Address, OfNoInternet) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "fc00::1",
                           "fdff::1",
                           "ff02::1",
                           "ff0e::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2002:808:808::1",
                           "3fff::1",
                           "4000::1",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "::ffff:0:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::808:808",
                           "5f00::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(Address, NumbersInEveryFormResolveToWhatTheyMean) {
  for (const char* host :
       {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "::1", "::ffff:127.0.0.1"}) {
    const auto addresses = resolve(host, 80);
    ASSERT_FALSE(addresses.empty()) << host;
    EXPECT_EQ(find_not_public(addresses), addresses.data()) << host;
  }
  EXPECT_EQ(resolve("127.1", 80).front().text(), "127.0.0.1");
  EXPECT_FALSE(SocketAddress::parse("localhost").has_value());
  EXPECT_THROW(resolve("no such host", 80), Error);
}

TEST(Address, AClientOfPublicAddressesRefusesAllOthersBeforeItDials) {
  TestServer server;
  bool was_called = false;
  server.route("GET", "/", [&](Request&) {
    was_called = true;
    return Response::text(200, "");
  });
  server.start();
  ClientOptions options;
  options.public_addresses_only = true;
  const auto client = make_client(options);
  ClientRequest request;
  request.url = server.url("/");
  try {
    client->send(request);
    ADD_FAILURE() << "it dialled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied);
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1 is not a public address"));
  }
  EXPECT_FALSE(was_called);
}

TEST(Address, AnAnswerThatNeverEndsMeetsTheDeadline) {
  TestServer server;
  server.route("GET", "/slow", [](Request&) {
    Response response = Response::text(200, "");
    response.body = StreamBody{[](BodyWriter& out) {
                                 for (int i = 0; i < 200; ++i) {
                                   out.write("drop");
                                   std::this_thread::sleep_for(std::chrono::milliseconds(20));
                                 }
                               },
                               std::nullopt};
    return response;
  });
  server.start();
  ClientRequest request;
  request.url = server.url("/slow");
  request.timeout_ms = 1000;  // the silence between two drops is shorter
  request.total_timeout_ms = 200;
  try {
    make_client()->send(request);
    ADD_FAILURE() << "it waited for the end";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDeadlineExceeded) << error.what();
  }
}

}  // namespace
}  // namespace slipway::http
