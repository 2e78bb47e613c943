#include "protocols/providers/provider_client.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/providers/anthropic.h"
#include "protocols/providers/event_reader.h"
#include "protocols/providers/target.h"

namespace slipway::providers {

namespace {

constexpr int64_t kConnectTimeoutMs = 10'000;
constexpr size_t kMaxAnswer = size_t{64} << 20U;
constexpr size_t kMaxError = size_t{64} << 10U;
constexpr size_t kReadStep = size_t{64} << 10U;
constexpr std::string_view kEnd = "[DONE]";

http::ClientOptions client_options(const ProviderOptions& options, bool public_only) {
  http::ClientOptions out;
  out.ca_file = options.ca_file;
  out.public_addresses_only = public_only;
  return out;
}

void check_scheme(const Target& target, const std::vector<std::string>& schemes) {
  if (!target.is_configured) return;
  const std::string scheme = text::lower(target.url.substr(0, target.url.find("://")));
  if (std::find(schemes.begin(), schemes.end(), scheme) != schemes.end()) return;
  throw refusal(502, "The provider's address must begin with one of: ", text::join(schemes, ", "), ".");
}

// The status that the client gets for one of the provider's: never a success, never a place to go on to.
int refused_status(int status) { return status >= 400 && status <= 599 ? status : 502; }

Refusal refusal_of(const Error& error, const gateway::Pairs& secrets) {
  const int status = error.code() == ErrorCode::kDeadlineExceeded ? 504 : 502;
  return {status, without_secrets(error.what(), secrets)};
}

std::string read_all(http::ClientAnswer& answer, size_t limit, bool cut) {
  std::string out;
  std::vector<char> buffer(kReadStep);
  while (const size_t count = answer.read(buffer.data(), buffer.size())) {
    out.append(buffer.data(), count);
    if (out.size() <= limit) continue;
    if (!cut) throw too_large("the provider's answer is over the limit of ", limit, " bytes");
    out.resize(limit);
    break;
  }
  return out;
}

// A provider is asked for the tokens that a stream took, unless the client said otherwise.
void ask_for_usage(json::object& body) {
  json::value& options = body["stream_options"];
  if (!options.is_object()) options = json::object();
  if (!options.get_object().contains("include_usage")) options.get_object()["include_usage"] = true;
}

bool is_stream(const json::object& body) {
  const json::value* stream = json::find(body, "stream");
  return stream != nullptr && stream->is_bool() && stream->get_bool();
}

json::object adapted(const json::object& body, const gateway::Upstream& upstream, const Target& target, Task task) {
  const bool is_chat = task == Task::kChat || task == Task::kOpenAiChat;
  json::object out = task == Task::kChat && target.dialect == gateway::Dialect::kAnthropic ? to_anthropic(body) : body;
  if (target.says_model) out["model"] = upstream.model_name;
  if (is_chat && target.dialect != gateway::Dialect::kAnthropic && is_stream(out)) ask_for_usage(out);
  return out;
}

std::optional<json::object> try_object(std::string_view data) {
  try {
    json::value document = json::parse(data);
    if (document.is_object()) return std::move(document.get_object());
  } catch (const Error&) {
    // Not for us; a stream may hold words of other kinds.
  }
  return std::nullopt;
}

std::string as_event(std::string_view data) { return text::concat("data: ", data, "\n\n"); }

}  // namespace

std::string without_secrets(std::string text, const gateway::Pairs& values) {
  for (const auto& [key, value] : values) {
    if (!value.empty()) text = text::replace_all(text, value, "***");
  }
  return text;
}

std::string error_message(const std::string& body) {
  const auto document = try_object(body);
  if (!document) return text::is_valid_utf8(body) ? body : "";
  const json::value* error = json::find(*document, "error");
  if (error != nullptr && error->is_string()) return std::string(error->get_string());
  const json::object& told = error != nullptr && error->is_object() ? error->get_object() : *document;
  const json::value* message = json::find(told, "message");
  return message != nullptr && message->is_string() ? std::string(message->get_string()) : json::write(*document);
}

// Keeps the connection, and what must not be told, until the last piece.
class ProviderClient::Stream final : public ProviderStream {
 public:
  Stream(std::unique_ptr<http::ClientAnswer> answer, const gateway::Upstream& upstream, Task task, int64_t now_s)
      : answer_(std::move(answer)),
        provider_(upstream.provider),
        secrets_(upstream.secret_values),
        is_chat_(task == Task::kChat),
        is_anthropic_(gateway::find_provider(upstream.provider).dialect == gateway::Dialect::kAnthropic),
        chunks_(now_s) {}

  void read(const OnBytes& on_bytes, const OnEvent& on_event) override {
    const auto take = [&](std::string_view data) { take_event(data, on_bytes, on_event); };
    std::vector<char> buffer(kReadStep);
    while (const size_t count = read_some(buffer)) {
      if (!is_chat_) on_bytes({buffer.data(), count});
      feed([&] { events_.feed({buffer.data(), count}, take); });
    }
    feed([&] { events_.finish(take); });
    if (is_chat_) on_bytes(as_event(kEnd));
  }

 private:
  size_t read_some(std::vector<char>& buffer) {
    try {
      return answer_->read(buffer.data(), buffer.size());
    } catch (const Error& error) {
      throw refusal_of(error, secrets_);
    }
  }

  static void feed(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kTooLarge) throw;
      throw Refusal(502, error.what());
    }
  }

  void take_event(std::string_view data, const OnBytes& on_bytes, const OnEvent& on_event) {
    auto event = try_object(data);
    if (!event) return;
    on_event(*event);
    if (!is_chat_) return;
    if (is_anthropic_) event = chunks_.next(*event);
    if (!event) return;
    (*event)["provider"] = provider_;
    on_bytes(as_event(json::write(*event)));
  }

  const std::unique_ptr<http::ClientAnswer> answer_;
  const std::string provider_;
  const gateway::Pairs secrets_;
  const bool is_chat_;
  const bool is_anthropic_;
  EventReader events_;
  AnthropicStream chunks_;
};

ProviderClient::ProviderClient(const Clock& clock, ProviderOptions options)
    : clock_(clock),
      options_(std::move(options)),
      guarded_(http::make_client(client_options(options_, !options_.allow_private_addresses))),
      open_(http::make_client(client_options(options_, false))) {}

ProviderClient::~ProviderClient() = default;

void ProviderClient::interrupt() {
  guarded_->interrupt();
  open_->interrupt();
}

std::unique_ptr<http::ClientAnswer> ProviderClient::send(const gateway::Upstream& upstream, Task task,
                                                         json::object body, const http::Headers& headers) const {
  const Target target = target_of(upstream, task);
  check_scheme(target, options_.schemes);
  http::ClientRequest request;
  request.method = "POST";
  request.url = target.url;
  request.headers = headers;
  for (const auto& [name, value] : target.headers.all()) request.headers.set(name, value);
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Accept", is_stream(body) ? "text/event-stream" : "application/json");
  request.body = json::write(adapted(body, upstream, target, task));
  request.connect_timeout_ms = std::min(kConnectTimeoutMs, options_.timeout_ms);
  request.timeout_ms = request.total_timeout_ms = options_.timeout_ms;
  try {
    auto answer = (target.is_configured ? guarded_ : open_)->open(request);
    const int status = answer->head().status;
    if (status >= 200 && status < 300) return answer;
    std::string message = error_message(read_all(*answer, kMaxError, true));
    if (text::trim(message).empty()) message = text::concat("the provider answered with status ", status);
    throw Refusal(refused_status(status), without_secrets(std::move(message), upstream.secret_values));
  } catch (const Error& error) {
    throw refusal_of(error, upstream.secret_values);
  }
}

json::object ProviderClient::ask(const gateway::Upstream& upstream, Task task, const json::object& body,
                                 const http::Headers& headers) const {
  const auto answer = send(upstream, task, body, headers);
  std::string text;
  try {
    text = read_all(*answer, kMaxAnswer, false);
  } catch (const Error& error) {
    throw refusal_of(error, upstream.secret_values);
  }
  auto document = try_object(text);
  if (!document) throw refusal(502, "the provider's answer is no JSON object");
  const bool is_anthropic = gateway::find_provider(upstream.provider).dialect == gateway::Dialect::kAnthropic;
  if (task == Task::kChat && is_anthropic) document = from_anthropic(*document, clock_.now_ms() / 1000);
  if (task == Task::kChat) {
    const json::value* choices = json::find(*document, "choices");
    if (choices == nullptr || !choices->is_array()) throw refusal(502, "the provider's answer has no choices");
    (*document)["provider"] = upstream.provider;
  }
  return *std::move(document);
}

std::unique_ptr<ProviderStream> ProviderClient::open(const gateway::Upstream& upstream, Task task,
                                                     const json::object& body, const http::Headers& headers) const {
  auto answer = send(upstream, task, body, headers);
  return std::make_unique<Stream>(std::move(answer), upstream, task, clock_.now_ms() / 1000);
}

}  // namespace slipway::providers
