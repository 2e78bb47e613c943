#include "domains/traces/semantic_conventions.h"

#include <array>
#include <initializer_list>

#include "domains/traces/json_text.h"
#include "foundation/base/json.h"
#include "foundation/base/json_stream.h"

namespace slipway::traces {

namespace {

using Keys = std::initializer_list<std::string_view>;

// In the order in which they are asked; the first that is there wins.
const Keys kInputKeys = {"input.value",
                         "gen_ai.input.messages",
                         "gen_ai.tool.call.arguments",
                         "traceloop.entity.input",
                         "gcp.vertex.agent.llm_request",
                         "gcp.vertex.agent.tool_call_args",
                         "ai.prompt",
                         "ai.toolCall.args",
                         "ai.value",
                         "ai.values",
                         "agent.messages",
                         "llm.messages",
                         "lk.user_input",
                         "lk.user_transcript",
                         "lk.chat_ctx",
                         "lk.input_text",
                         "lmnr.span.input",
                         "langfuse.observation.input"};
const Keys kOutputKeys = {"output.value",
                          "gen_ai.output.messages",
                          "gen_ai.tool.call.result",
                          "traceloop.entity.output",
                          "gcp.vertex.agent.llm_response",
                          "gcp.vertex.agent.tool_response",
                          "ai.response.text",
                          "ai.toolCall.result",
                          "ai.response.object",
                          "ai.embedding",
                          "ai.embeddings",
                          "lk.response.text",
                          "lk.response.function_calls",
                          "lmnr.span.output",
                          "langfuse.observation.output"};
const Keys kModelKeys = {"llm.response.model_name",
                         "llm.model_name",
                         "llm.request.model_name",
                         "embedding.model_name",
                         "gen_ai.response.model",
                         "gen_ai.request.model",
                         "ai.model.id"};
const Keys kProviderKeys = {"llm.provider", "gen_ai.provider.name", "gen_ai.system", "ai.model.provider"};

struct TokenKeys {
  std::string_view name;
  Keys keys;
};
const std::array<TokenKeys, 5> kTokenKeys = {
    {{"input_tokens",
      {"llm.token_count.prompt", "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "ai.usage.promptTokens",
       "ai.usage.inputTokens"}},
     {"output_tokens",
      {"llm.token_count.completion", "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
       "ai.usage.completionTokens", "ai.usage.outputTokens"}},
     {"total_tokens", {"llm.token_count.total", "llm.usage.total_tokens", "ai.usage.totalTokens"}},
     {"cache_read_input_tokens", {"llm.token_count.prompt_details.cache_read", "gen_ai.usage.cache_read.input_tokens"}},
     {"cache_creation_input_tokens",
      {"llm.token_count.prompt_details.cache_write", "gen_ai.usage.cache_write.input_tokens",
       "gen_ai.usage.cache_creation.input_tokens"}}}};

struct TypeName {
  std::string_view key;
  std::string_view value;
  std::string_view type;
};
// The values of each key as that library writes them.
constexpr TypeName kTypes[] = {{"openinference.span.kind", "TOOL", "TOOL"},
                               {"openinference.span.kind", "CHAIN", "CHAIN"},
                               {"openinference.span.kind", "LLM", "LLM"},
                               {"openinference.span.kind", "RETRIEVER", "RETRIEVER"},
                               {"openinference.span.kind", "EMBEDDING", "EMBEDDING"},
                               {"openinference.span.kind", "AGENT", "AGENT"},
                               {"openinference.span.kind", "RERANKER", "RERANKER"},
                               {"openinference.span.kind", "UNKNOWN", "UNKNOWN"},
                               {"openinference.span.kind", "GUARDRAIL", "GUARDRAIL"},
                               {"openinference.span.kind", "EVALUATOR", "EVALUATOR"},
                               {"gen_ai.operation.name", "chat", "CHAT_MODEL"},
                               {"gen_ai.operation.name", "create_agent", "AGENT"},
                               {"gen_ai.operation.name", "invoke_agent", "AGENT"},
                               {"gen_ai.operation.name", "embeddings", "EMBEDDING"},
                               {"gen_ai.operation.name", "execute_tool", "TOOL"},
                               {"gen_ai.operation.name", "generate_content", "LLM"},
                               {"gen_ai.operation.name", "text_completion", "LLM"},
                               {"gen_ai.operation.name", "response", "LLM"},
                               {"traceloop.span.kind", "workflow", "WORKFLOW"},
                               {"traceloop.span.kind", "task", "TASK"},
                               {"traceloop.span.kind", "agent", "AGENT"},
                               {"traceloop.span.kind", "tool", "TOOL"},
                               {"traceloop.span.kind", "unknown", "UNKNOWN"},
                               {"ai.operationId", "ai.generateText", "LLM"},
                               {"ai.operationId", "ai.generateText.doGenerate", "LLM"},
                               {"ai.operationId", "ai.streamText", "LLM"},
                               {"ai.operationId", "ai.streamText.doStream", "LLM"},
                               {"ai.operationId", "ai.generateObject", "LLM"},
                               {"ai.operationId", "ai.generateObject.doGenerate", "LLM"},
                               {"ai.operationId", "ai.streamObject", "LLM"},
                               {"ai.operationId", "ai.streamObject.doStream", "LLM"},
                               {"ai.operationId", "ai.toolCall", "TOOL"},
                               {"ai.operationId", "ai.embed", "EMBEDDING"},
                               {"ai.operationId", "ai.embed.doEmbed", "EMBEDDING"},
                               {"ai.operationId", "ai.embedMany", "EMBEDDING"},
                               {"span.type", "agent", "AGENT"},
                               {"span.type", "llm", "LLM"},
                               {"span.type", "tool", "TOOL"},
                               {"span.type", "memory", "MEMORY"},
                               {"lmnr.span.type", "LLM", "LLM"},
                               {"lmnr.span.type", "TOOL", "TOOL"},
                               {"lmnr.span.type", "DEFAULT", "CHAIN"},
                               {"lmnr.span.type", "PIPELINE", "CHAIN"},
                               {"lmnr.span.type", "EXECUTOR", "AGENT"},
                               {"lmnr.span.type", "EVALUATOR", "EVALUATOR"},
                               {"langfuse.observation.type", "generation", "LLM"},
                               {"langfuse.observation.type", "embedding", "EMBEDDING"},
                               {"langfuse.observation.type", "tool", "TOOL"},
                               {"langfuse.observation.type", "retriever", "RETRIEVER"},
                               {"langfuse.observation.type", "agent", "AGENT"},
                               {"langfuse.observation.type", "chain", "CHAIN"},
                               {"langfuse.observation.type", "evaluator", "EVALUATOR"},
                               {"langfuse.observation.type", "guardrail", "GUARDRAIL"},
                               {"langfuse.observation.type", "span", "UNKNOWN"}};

const std::string* find_first(const Attributes& attributes, const Keys& keys) {
  for (const std::string_view key : keys) {
    if (const std::string* found = find_attribute(attributes, key)) return found;
  }
  return nullptr;
}

// Most spans carry none of these names: one look at each attribute spares the sixty searches below.
bool may_be_foreign(const Attributes& attributes) {
  for (const Attribute& one : attributes) {
    for (const std::string_view start :
         {"input.", "output.", "llm.", "gen_ai.", "traceloop.", "gcp.vertex.", "ai.", "agent.", "lk.", "lmnr.",
          "langfuse.", "embedding.", "openinference.", "span.type"}) {
      if (one.key.starts_with(start)) return true;
    }
  }
  return false;
}

void copy_first(Attributes& attributes, std::string_view to, const Keys& from) {
  if (find_attribute(attributes, to) != nullptr) return;
  if (const std::string* found = find_first(attributes, from)) attributes.push_back({std::string(to), *found});
}

void translate_type(Attributes& attributes) {
  const std::string* known = find_attribute(attributes, attribute::kType);
  if (known != nullptr && *known != "\"UNKNOWN\"" && *known != "null") return;
  for (const TypeName& name : kTypes) {
    const std::string* value = find_attribute(attributes, name.key);
    if (value == nullptr || text_of_json(*value) != std::optional<std::string>(name.value)) continue;
    return set_attribute(attributes, attribute::kType, json_of(name.type));
  }
}

void translate_tokens(Attributes& attributes) {
  if (find_attribute(attributes, attribute::kTokens) != nullptr) return;
  std::array<std::optional<int64_t>, kTokenKeys.size()> counts;
  for (size_t i = 0; i < kTokenKeys.size(); ++i) {
    const std::string* found = find_first(attributes, kTokenKeys[i].keys);
    const auto number = found == nullptr ? std::nullopt : number_of_json(*found);
    if (number && *number >= 0 && *number < 1e15) counts[i] = static_cast<int64_t>(*number);
  }
  if (!counts[2] && counts[0] && counts[1]) counts[2] = *counts[0] + *counts[1];
  if (!counts[0] && !counts[1] && !counts[2]) return;
  std::string out = "{";
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i]) continue;
    if (out.size() > 1) out.append(", ");
    append_text(out, kTokenKeys[i].name);
    out.append(": ");
    append_json_number(out, *counts[i]);
  }
  attributes.push_back({std::string(attribute::kTokens), out + "}"});
}

// Many clients pass the model among the inputs.
void model_from(Attributes& attributes, std::string_view place) {
  const std::string* found = find_attribute(attributes, place);
  if (found == nullptr || found->empty() || found->front() != '{' || found->find("\"model\"") == std::string::npos)
    return;
  if (find_attribute(attributes, attribute::kModel) != nullptr) return;
  const json::value document = json::parse(*found);
  const json::value* model = json::find(document.as_object(), "model");
  if (model == nullptr || !model->is_string() || model->get_string().empty()) return;
  attributes.push_back({std::string(attribute::kModel), json_of(std::string_view(model->get_string()))});
}

}  // namespace

void translate_attributes(Span& span) {
  Attributes& attributes = span.attributes;
  if (may_be_foreign(attributes)) {
    translate_type(attributes);
    copy_first(attributes, attribute::kInputs, kInputKeys);
    copy_first(attributes, attribute::kOutputs, kOutputKeys);
    translate_tokens(attributes);
    copy_first(attributes, attribute::kModel, kModelKeys);
    copy_first(attributes, attribute::kModelProvider, kProviderKeys);
  }
  model_from(attributes, attribute::kInputs);
  model_from(attributes, attribute::kOutputs);
}

}  // namespace slipway::traces
