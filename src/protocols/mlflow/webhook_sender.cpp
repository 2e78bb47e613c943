#include "protocols/mlflow/webhook_sender.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "protocols/mlflow/outbound_url.h"
#include "protocols/mlflow/webhook_messages.h"

namespace slipway::mlflow {

namespace {

constexpr int64_t kConnectTimeoutMs = 10'000;
// Of an answer only this much is read: enough to see what a receiver says, and for the connection to serve again.
constexpr size_t kMaxAnswer = size_t{16} * 1024;
constexpr int64_t kMaxRetryAfterSeconds = 86'400;

http::ClientOptions client_options(const WebhookSenderOptions& options) {
  http::ClientOptions out;
  out.ca_file = options.ca_file;
  out.public_addresses_only = !options.allow_private_addresses;
  return out;
}

OutboundRules rules_of(const WebhookSenderOptions& options) {
  return {"webhook URL", options.schemes, options.allow_private_addresses};
}

bool is_worth_repeating(int status) { return status == 429 || status >= 500; }

// A number of seconds; the other form, a date, is not worth a clock that two machines would have to share.
int64_t retry_after_ms(const http::ClientResponse& response) {
  const auto seconds = text::parse_int(text::trim(response.headers.find("Retry-After").value_or("")));
  return seconds ? std::clamp<int64_t>(*seconds, 0, kMaxRetryAfterSeconds) * 1000 : 0;
}

// A beginning must not end within a character.
std::string valid_text(std::string body) {
  if (body.size() > kMaxAnswer) body.resize(kMaxAnswer);
  for (int i = 0; i < 4 && !text::is_valid_utf8(body); ++i) body.pop_back();
  return text::is_valid_utf8(body) ? body : "(not text)";
}

}  // namespace

std::string webhook_signature(const std::string& secret, const std::string& delivery_id, const std::string& timestamp_s,
                              const std::string& payload) {
  const std::string content = text::concat(delivery_id, ".", timestamp_s, ".", payload);
  return "v1," + base64_encode(hmac_sha256(secret, content));
}

WebhookSender::WebhookSender(const Clock& clock, WebhookSenderOptions options)
    : clock_(clock), options_(std::move(options)), client_(http::make_client(client_options(options_))) {}

void WebhookSender::check_url(const std::string& url) const { check_outbound_url(rules_of(options_), url); }

webhooks::Outcome WebhookSender::send(const webhooks::Delivery& delivery) const {
  webhooks::Outcome out;
  try {
    check_outbound_scheme(rules_of(options_), delivery.url);
    http::ClientRequest request;
    request.method = "POST";
    request.url = delivery.url;
    request.connect_timeout_ms = std::min(kConnectTimeoutMs, options_.timeout_ms);
    request.timeout_ms = options_.timeout_ms;
    request.total_timeout_ms = options_.timeout_ms;
    request.body = payload_of(delivery.event);
    const std::string timestamp_s = std::to_string(clock_.now_ms() / 1000);
    request.headers.add("Content-Type", "application/json");
    request.headers.add("X-MLflow-Delivery-Id", delivery.id);
    request.headers.add("X-MLflow-Timestamp", timestamp_s);
    if (!delivery.secret.empty()) {
      request.headers.add("X-MLflow-Signature",
                          webhook_signature(delivery.secret, delivery.id, timestamp_s, request.body));
    }
    client_->stream(
        request,
        [&](const http::ClientResponse& head) {
          out.status = head.status;
          out.may_retry = is_worth_repeating(head.status);
          out.retry_after_ms = retry_after_ms(head);
        },
        [&](std::string_view bytes) {
          out.body.append(bytes.substr(0, kMaxAnswer + 1 - std::min(kMaxAnswer, out.body.size())));
          return out.body.size() <= kMaxAnswer;
        });
  } catch (const Error& error) {
    // Once the head of the answer is here, the receiver has spoken; the rest is only for people.
    if (out.status == 0) {
      out.error = error.what();
      out.may_retry = error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadlineExceeded;
    }
  }
  out.body = valid_text(std::move(out.body));
  return out;
}

}  // namespace slipway::mlflow
