// Requests that the gateway passes on to model providers: in OpenAI's words to whatever provider an endpoint has, or in
// a provider's own words to that one.
#include <array>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/gateway_usage.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/providers/provider_client.h"

namespace slipway::mlflow {

namespace {

using providers::Refusal;
using providers::Task;

struct Request {
  gateway::Plan plan;
  Task task;
  std::string_view type;  // as traces name it
  json::object body;      // without the model
  http::Headers headers;  // those that are passed on
};

bool is_streamed(const json::object& body) {
  const json::value* stream = json::find(body, "stream");
  return stream != nullptr && stream->is_bool() && stream->get_bool();
}

json::object without(const json::object& fields, std::string_view name) {
  json::object out = fields;
  out.erase(name);
  return out;
}

// What a client says to its provider about versions and trials; who it is says the gateway.
http::Headers passed_on(const http::Request& request) {
  constexpr std::array<std::string_view, 2> kPrefixes = {"anthropic-", "openai-"};
  http::Headers out;
  for (const auto& [name, value] : request.headers.all()) {
    const std::string lower = text::lower(name);
    for (const std::string_view prefix : kPrefixes) {
      if (lower.starts_with(prefix)) out.add(lower, value);
    }
  }
  return out;
}

void check_chat(const json::object& body) {
  const json::value* messages = json::find(body, "messages");
  const auto refuse = [](std::string_view why) { throw providers::refusal(400, "Invalid chat payload: ", why); };
  if (messages == nullptr || !messages->is_array() || messages->get_array().empty())
    return refuse("'messages' must be a list of at least one message");
  for (const json::value& message : messages->get_array()) {
    const json::value* role = message.is_object() ? json::find(message.get_object(), "role") : nullptr;
    if (role == nullptr || !role->is_string()) return refuse("each message must be an object with a role");
  }
  const json::value* stream = json::find(body, "stream");
  if (stream != nullptr && !stream->is_bool()) return refuse("'stream' must be true or false");
}

// The first answer that comes; asks on as long as there is somebody left to ask.
template <typename Ask>
auto first_answer(const gateway::Plan& plan, const Ask& ask) {
  const size_t count = plan.attempts.size();
  for (size_t i = 0;; ++i) {
    try {
      return ask(plan.attempts[i]);
    } catch (const Refusal& refusal) {
      if (count == 1) throw;
      if (i + 1 < count) continue;
      throw providers::refusal(refusal.status(), "All ", count,
                               " fallback attempts failed. Last error: ", refusal.what());
    }
  }
}

std::string error_event(std::string_view message) {
  const json::object error = {{"error", {{"message", message}, {"type", "UpstreamError"}}}};
  return text::concat("data: ", json::write(error), "\n\n");
}

// The head of the answer goes out once a provider has begun to answer, so that a refusal has its own status; what goes
// wrong later is told as the last event.
http::Response stream_of(const Services& services, const Request& request) {
  auto call = std::make_shared<GatewayCall>(services, request.plan, request.type, request.body);
  std::shared_ptr<providers::ProviderStream> stream;
  try {
    stream = first_answer(request.plan, [&](const gateway::Upstream& upstream) {
      auto opened = services.providers.open(upstream, request.task, request.body, request.headers);
      call->answered_by(upstream);
      return opened;
    });
  } catch (const Refusal& refusal) {
    call->finish(refusal.what());
    throw;
  }
  http::Response out;
  out.headers.set("Content-Type", "text/event-stream; charset=utf-8");
  out.headers.set("Cache-Control", "no-cache");
  out.body = http::StreamBody{[call, stream](http::BodyWriter& writer) {
                                try {
                                  stream->read([&](std::string_view bytes) { writer.write(bytes); },
                                               [&](const json::object& event) { call->event(event); });
                                  call->finish();
                                } catch (const Refusal& refusal) {
                                  call->finish(refusal.what());
                                  writer.write(error_event(refusal.what()));
                                } catch (const std::exception& error) {
                                  call->finish(error.what());
                                  throw;
                                }
                              },
                              std::nullopt};
  return out;
}

http::Response answer_of(const Services& services, const Request& request) {
  GatewayCall call(services, request.plan, request.type, request.body);
  try {
    const json::object answer = first_answer(request.plan, [&](const gateway::Upstream& upstream) {
      call.answered_by(upstream);
      return services.providers.ask(upstream, request.task, request.body, request.headers);
    });
    call.answer(answer);
    call.finish();
    return http::Response::json(200, json::write(answer));
  } catch (const Refusal& refusal) {
    call.finish(refusal.what());
    throw;
  }
}

http::Response pass_on(const Services& services, const Request& request) {
  const bool may_stream = request.task != Task::kEmbeddings && request.task != Task::kOpenAiEmbeddings;
  return may_stream && is_streamed(request.body) ? stream_of(services, request) : answer_of(services, request);
}

// An endpoint that is named as OpenAI's clients name a model.
Request named_request(const Services& services, const Input& input, Task task, std::string_view type) {
  const json::value* model = json::find(input.fields(), "model");
  if (model == nullptr || !model->is_string() || model->get_string().empty())
    throw providers::refusal(400, "Missing required 'model' parameter in request body");
  return {services.gateway.plan(std::string(model->get_string())), task, type, without(input.fields(), "model"), {}};
}

// What went wrong, in the shape of this part of MLflow's server.
template <typename Action>
http::Response guarded(const Action& action) {
  try {
    return action();
  } catch (const Refusal& refusal) {
    return http::Response::json(refusal.status(), json::write(json::object{{"detail", refusal.what()}}));
  }
}

http::Response pass_native(const Services& services, const Input& input, const http::Request& request, Task task,
                           std::string_view type) {
  return guarded([&] {
    Request ours = named_request(services, input, task, type);
    ours.headers = passed_on(request);
    return pass_on(services, ours);
  });
}

}  // namespace

http::Response invoke_endpoint(const Services& services, const Input& input, http::Request& /*request*/) {
  return guarded([&] {
    const json::object body = without(input.fields(), "endpoint_name");
    gateway::Plan plan = services.gateway.plan(input.required_text("endpoint_name"));
    const bool is_chat = body.contains("messages");
    if (!is_chat && !body.contains("input"))
      throw providers::refusal(400, "Invalid request: payload format must be either chat or embeddings");
    if (is_chat) check_chat(body);
    if (body.contains("model")) {
      throw providers::refusal(422,
                               "The parameter 'model' is not permitted to be passed. The route being queried already "
                               "defines a model instance.");
    }
    const std::string_view type = is_chat ? "unified/chat" : "unified/embeddings";
    return pass_on(services, {std::move(plan), is_chat ? Task::kChat : Task::kEmbeddings, type, body, {}});
  });
}

http::Response complete_chat(const Services& services, const Input& input, http::Request& /*request*/) {
  return guarded([&] {
    const Request request = named_request(services, input, Task::kChat, "unified/chat");
    check_chat(request.body);
    return pass_on(services, request);
  });
}

http::Response pass_openai_chat(const Services& services, const Input& input, http::Request& request) {
  return pass_native(services, input, request, Task::kOpenAiChat, "passthrough/model/openai-chat");
}
http::Response pass_openai_embeddings(const Services& services, const Input& input, http::Request& request) {
  return pass_native(services, input, request, Task::kOpenAiEmbeddings, "passthrough/model/openai-embeddings");
}
http::Response pass_openai_responses(const Services& services, const Input& input, http::Request& request) {
  return pass_native(services, input, request, Task::kOpenAiResponses, "passthrough/model/openai-responses");
}
http::Response pass_anthropic_messages(const Services& services, const Input& input, http::Request& request) {
  return pass_native(services, input, request, Task::kAnthropicMessages, "passthrough/model/anthropic-messages");
}

http::Response list_endpoint_models(const Services& services, const Input& /*input*/, http::Request& /*request*/) {
  json::array models;
  for (const gateway::Endpoint& endpoint : services.gateway.endpoints().list({}, {})) {
    const identity::Resource resource{identity::ResourceKind::kModelEndpoint, endpoint.id};
    if (!services.permissions.allows(*services.caller, resource, identity::Permission::kUse)) continue;
    models.push_back({{"id", endpoint.name},
                      {"object", "model"},
                      {"created", endpoint.stamp.created_ms / 1000},
                      {"owned_by", "mlflow"}});
  }
  return http::Response::json(200, json::write(json::object{{"object", "list"}, {"data", std::move(models)}}));
}

}  // namespace slipway::mlflow
