// For tests of the protocol: requests through the route table, without sockets.
#pragma once

#include <memory>
#include <string>

#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "protocols/mlflow/mount.h"
#include "protocols/mlflow/webhook_sender.h"

namespace slipway::mlflow {

// A body that is there already.
class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t size = std::min(capacity, text_.size() - at_);
    text_.copy(buffer, size, at_);
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  size_t at_ = 0;
};

class Mount : public tracking::TrackingFixture {
 protected:
  explicit Mount(identity::Permission otherwise = identity::Permission::kRead) : permissions_(*database_, otherwise) {
    router_.add(routes({tracking_, models_, artifacts_, registry_, tracing_, genai_, permissions_, webhooks_, gateway_,
                        providers_, "http", &accounts_}));
  }

  http::Response send(const std::string& method, const std::string& target, const std::string& body = "",
                      const std::string& content_type = "application/json") {
    http::Request request;
    request.method = method;
    request.target = target;
    const size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = http::parse_query(target.substr(question + 1)).value();
    if (!content_type.empty()) request.headers.add("Content-Type", content_type);
    TextBody reader(body);
    request.body = &reader;
    std::vector<std::string> allowed;
    const http::Match match = router_.find(method, request.path, &allowed);
    if (match.route == nullptr) return render_error(request, 404, "not_found", "");
    request.parameters = match.parameters;
    request.caller = caller_;
    return match.route->handler(request);
  }

  static json::object answer(const http::Response& response) {
    return json::parse(std::get<std::string>(response.body)).as_object();
  }
  static std::string code(const http::Response& response) { return json::get_string(answer(response), "error_code"); }

  files::TemporaryFolder folder_;
  std::unique_ptr<blobs::BlobStore> blobs_ = blobs::open_blob_store(folder_.path());
  tracking::Artifacts artifacts_{*blobs_};
  registry::Registry registry_{*database_, tracking_, models_, clock_, events_};
  traces::Tracing tracing_{*database_, tracking_, clock_, ids_};
  genai::Genai genai_{*database_, tracing_, clock_, ids_};
  SecretBox secrets_{"a passphrase", ""};
  WebhookSender sender_{clock_};
  webhooks::Webhooks webhooks_{*database_,
                               clock_,
                               ids_,
                               secrets_,
                               [this](const std::string& url) { sender_.check_url(url); },
                               [this](const webhooks::Delivery& delivery) { return sender_.send(delivery); }};
  gateway::Gateway gateway_{*database_, tracking_, clock_, ids_, secrets_, {[](const std::string& /*url*/) {}, true}};
  providers::ProviderClient providers_{clock_, {{"http", "https"}, true, 10'000, ""}};
  identity::Accounts accounts_{*database_, clock_};
  identity::Permissions permissions_;
  std::shared_ptr<const identity::Caller> caller_ = identity::Caller::anybody();
  http::Router router_;
};

}  // namespace slipway::mlflow
