// Webhooks on MLflow's wire: payloads, signatures, addresses, and calls to a receiver of the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/http/server_fixture.h"
#include "protocols/mlflow/webhook_messages.h"
#include "protocols/mlflow/webhook_sender.h"

namespace slipway::mlflow {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

WebhookSender open_sender(const Clock& clock, int64_t timeout_ms = 5000) {
  WebhookSenderOptions options;
  options.schemes = {"http"};
  options.allow_private_addresses = true;
  options.timeout_ms = timeout_ms;
  return WebhookSender(clock, std::move(options));
}

webhooks::Delivery delivery_to(std::string url, std::string secret = "") {
  webhooks::Delivery out;
  out.id = "d-1";
  out.url = std::move(url);
  out.secret = std::move(secret);
  out.event = example_event("model_version_alias.deleted");
  return out;
}

std::string fault_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(WebhookPayload, CarriesWhatMlflowCarries) {
  jobs::Event event;
  event.kind = "prompt_version.created";
  event.time_ms = 1'700'000'000'123;
  event.attributes = {{"name", "p"},
                      {"version", "2"},
                      {"source", "prompt"},
                      {"tag.mlflow.prompt.is_prompt", "true"},
                      {"tag._mlflow_prompt_type", "text"},
                      {"tag.mlflow.prompt.text", "Say \"{{x}}\""},
                      {"tag.k", "v"}};
  EXPECT_EQ(payload_of(event),
            R"({"entity":"prompt_version","action":"created","timestamp":"2023-11-14T22:13:20.123000+00:00",)"
            R"("data":{"name":"p","version":"2","template":"Say \"{{x}}\"","tags":{"k":"v"},"description":null}})");
  event.kind = "model_version.created";
  EXPECT_THAT(payload_of(event), HasSubstr(R"("source":"prompt","run_id":null,"tags":{"_mlflow_prompt_type":"text",)"));
  event.kind = "registered_model.created";
  event.attributes = {{"name", "m"}};
  EXPECT_THAT(payload_of(event), HasSubstr(R"("data":{"name":"m","tags":{},"description":""})"));
}

TEST(WebhookSignature, CoversIdTimeAndPayload) {
  const std::string expected = "v1," + base64_encode(hmac_sha256("key", "id.17.{}"));
  EXPECT_EQ(webhook_signature("key", "id", "17", "{}"), expected);
  EXPECT_NE(webhook_signature("key", "id", "18", "{}"), expected);
}

TEST(WebhookSender, ChecksAddressesBeforeTheyAreKept) {
  const SystemClock clock;
  const WebhookSender strict(clock);
  EXPECT_THAT(fault_of([&] { strict.check_url(" \n"); }), HasSubstr("cannot be empty or just whitespace"));
  EXPECT_THAT(fault_of([&] { strict.check_url("http://h"); }),
              HasSubstr("scheme: 'http'. Allowed schemes are: https."));
  EXPECT_THAT(fault_of([&] { strict.check_url("h/x"); }), HasSubstr("scheme: ''"));
  for (const char* url : {"https://[h", "https://h/a b", "https://user:word@h/", "https://"}) {
    EXPECT_THAT(fault_of([&] { strict.check_url(url); }), StartsWith("Invalid webhook URL")) << url;
  }
  EXPECT_EQ(fault_of([&] { strict.check_url("https://127.1/"); }),
            "Webhook URL must not resolve to a non-public IP address. '127.1' resolves to 127.0.0.1.");
  EXPECT_NO_THROW(strict.check_url("https://1.1.1.1/x"));
  EXPECT_NO_THROW(open_sender(clock).check_url("http://not-resolved.invalid/"));
}

TEST(WebhookSender, SignsWhatItSends) {
  const ManualClock clock(1'700'000'000'999);
  http::TestServer server;
  std::string body, signature, id;
  server.route("POST", "/hook", [&](http::Request& request) {
    body = request.read_body();
    id = request.headers.find("X-MLflow-Delivery-Id").value_or("");
    signature = request.headers.find("X-MLflow-Signature").value_or("");
    EXPECT_EQ(request.headers.find("X-MLflow-Timestamp").value_or(""), "1700000000");
    EXPECT_EQ(request.headers.find("Content-Type").value_or(""), "application/json");
    return http::Response::text(202, "taken");
  });
  server.start();
  const webhooks::Outcome outcome = open_sender(clock).send(delivery_to(server.url("/hook"), "s"));
  EXPECT_TRUE(outcome.succeeded());
  EXPECT_EQ(outcome.body, "taken");
  EXPECT_EQ(id, "d-1");
  EXPECT_EQ(signature, webhook_signature("s", "d-1", "1700000000", body));
  open_sender(clock).send(delivery_to(server.url("/hook")));
  EXPECT_EQ(signature, "");
}

TEST(WebhookSender, TellsWhatMaySucceedLater) {
  const SystemClock clock;
  http::TestServer server;
  bool was_followed = false;
  const auto answering = [&](int status, std::string name = "X-A", std::string value = "b") {
    return [=](http::Request&) {
      http::Response response = http::Response::text(status, "");
      response.headers.add(name, value);
      return response;
    };
  };
  server.route("POST", "/429", answering(429, "Retry-After", "7"));
  server.route("POST", "/503", answering(503, "Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"));
  server.route("POST", "/404", answering(404));
  server.route("POST", "/302", answering(302, "Location", "/followed"));
  server.route("GET", "/followed", [&](http::Request&) {
    was_followed = true;
    return http::Response::text(200, "");
  });
  server.route("POST", "/long", [](http::Request&) { return http::Response::text(200, std::string(100'000, 'x')); });
  server.start();
  const WebhookSender sender = open_sender(clock);
  const auto outcome = [&](const std::string& path) { return sender.send(delivery_to(server.url(path))); };
  EXPECT_TRUE(outcome("/429").may_retry);
  EXPECT_EQ(outcome("/429").retry_after_ms, 7000);
  EXPECT_TRUE(outcome("/503").may_retry);
  EXPECT_EQ(outcome("/503").retry_after_ms, 0);
  EXPECT_FALSE(outcome("/404").may_retry);
  EXPECT_FALSE(outcome("/302").succeeded());
  EXPECT_FALSE(outcome("/302").may_retry);
  EXPECT_FALSE(was_followed);
  EXPECT_TRUE(outcome("/long").succeeded());
  EXPECT_EQ(outcome("/long").body.size(), 16'384U);
  const webhooks::Outcome refused = sender.send(delivery_to("http://127.0.0.1:1/"));
  EXPECT_TRUE(refused.may_retry);
  EXPECT_THAT(refused.error, HasSubstr("connection refused"));
  WebhookSenderOptions strict;
  strict.schemes = {"http"};
  const webhooks::Outcome guarded = WebhookSender(clock, strict).send(delivery_to(server.url("/404")));
  EXPECT_FALSE(guarded.may_retry);
  EXPECT_EQ(guarded.status, 0);
  EXPECT_THAT(guarded.error, HasSubstr("127.0.0.1 is not a public address"));
}

TEST(WebhookSender, GivesASlowReceiverUpInTime) {
  const SystemClock clock;
  http::TestServer server;
  server.route("POST", "/slow", [](http::Request&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    return http::Response::text(200, "");
  });
  server.start();
  const webhooks::Outcome outcome = open_sender(clock, 150).send(delivery_to(server.url("/slow")));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(outcome.may_retry);
}

}  // namespace
}  // namespace slipway::mlflow
