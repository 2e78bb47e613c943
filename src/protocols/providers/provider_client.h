// Calls model providers in their own words, each with the secret that the gateway kept for it. No error it throws holds
// a value of that secret. Used by the protocols that pass requests on.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domains/gateway/model.h"
#include "foundation/base/clock.h"
#include "foundation/http/client.h"
#include "protocols/providers/refusal.h"

namespace slipway::providers {

// What is asked for. The last four pass on what a client of that provider sent.
enum class Task { kChat, kEmbeddings, kOpenAiChat, kOpenAiEmbeddings, kOpenAiResponses, kAnthropicMessages };

struct ProviderOptions {
  std::vector<std::string> schemes = {"https"};  // of addresses that secrets name
  bool allow_private_addresses = false;
  int64_t timeout_ms = 300'000;  // of one whole call
  std::string ca_file;           // empty: the system's
};

// An answer that comes in pieces.
class ProviderStream {
 public:
  using OnBytes = std::function<void(std::string_view)>;
  using OnEvent = std::function<void(const boost::json::object&)>;

  virtual ~ProviderStream() = default;
  // What the client gets, piece by piece, and beside it each event as it is, for whoever counts tokens. Throws Refusal
  // when the provider breaks off.
  virtual void read(const OnBytes& on_bytes, const OnEvent& on_event) = 0;
};

// Safe to share between threads; must outlive its streams.
class ProviderClient {
 public:
  explicit ProviderClient(const Clock& clock, ProviderOptions options = {});
  ~ProviderClient();

  // The body has no model: the upstream says which. Answers of kChat are OpenAI's whatever the provider speaks, and
  // like its events name the provider. `headers` are passed on. Throw Refusal.
  boost::json::object ask(const gateway::Upstream& upstream, Task task, const boost::json::object& body,
                          const http::Headers& headers = {}) const;
  std::unique_ptr<ProviderStream> open(const gateway::Upstream& upstream, Task task, const boost::json::object& body,
                                       const http::Headers& headers = {}) const;
  // Ends every call under way and all that would come later.
  void interrupt();

 private:
  class Stream;
  std::unique_ptr<http::ClientAnswer> send(const gateway::Upstream& upstream, Task task, boost::json::object body,
                                           const http::Headers& headers) const;

  const Clock& clock_;
  const ProviderOptions options_;
  const std::unique_ptr<http::Client> guarded_;  // for addresses that secrets name
  const std::unique_ptr<http::Client> open_;     // for those that this program knows
};

// The message of a provider's error, in whichever way it is told.
std::string error_message(const std::string& body);
// The text without any of the values.
std::string without_secrets(std::string text, const gateway::Pairs& values);

}  // namespace slipway::providers
