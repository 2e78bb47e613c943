#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/providers/anthropic.h"
#include "protocols/providers/event_reader.h"
#include "protocols/providers/provider_client.h"
#include "protocols/providers/target.h"
#include "protocols/providers/usage.h"

namespace slipway::providers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> events_of(std::string_view text, size_t step) {
  std::vector<std::string> out;
  EventReader reader;
  const auto keep = [&](std::string_view data) { out.emplace_back(data); };
  for (size_t i = 0; i < text.size(); i += step) reader.feed(text.substr(i, step), keep);
  reader.finish(keep);
  return out;
}

TEST(EventReader, FindsDataHoweverItIsCut) {
  const std::string text =
      ": comment\r\nevent: a\r\ndata: one\r\n\r\ndata:two\ndata:  three\nid: 7\n\ndatabase: no\n\n\n\ndata\rdata: "
      "x\r\rdata: last";
  for (size_t step = 1; step <= text.size(); ++step)
    EXPECT_THAT(events_of(text, step), ElementsAre("one", "two\n three", "\nx", "last")) << step;
  EXPECT_THAT(events_of("event: a\n\n: b\n\n", 3), IsEmpty());
}

TEST(EventReader, EndsWhatHasNoEnd) {
  EventReader reader;
  const std::string piece(size_t{1} << 20U, 'x');
  EXPECT_THROW(
      {
        for (int i = 0; i < 20; ++i) reader.feed(piece, [](std::string_view) {});
      },
      Error);
}

json::object object(std::string_view text) { return json::parse(text).as_object(); }
std::string text_of(const json::object& document) { return json::write(document); }

std::string refused(std::string_view chat) {
  try {
    to_anthropic(object(chat));
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status(), 422);
    return refusal.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(ToAnthropic, PutsMessagesIntoItsWords) {
  const json::object put = to_anthropic(object(R"({"messages":[
    {"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},
    {"role":"user","content":[{"type":"text","text":"c"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
      {"type":"image_url","image_url":{"url":"https://example.com/x.png"}}]},
    {"role":"assistant","content":"d","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":""}}]},
    {"role":"tool","tool_call_id":"t","content":"e"}],
    "max_completion_tokens":5,"seed":1,"stream":true,"stream_options":{"include_usage":true}})"));
  EXPECT_EQ(json::value(put),
            json::parse(R"({"stream":true,"messages":[)"
                        R"({"role":"user","content":[{"type":"text","text":"c"},)"
                        R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},)"
                        R"({"type":"image","source":{"type":"url","url":"https://example.com/x.png"}}]},)"
                        R"({"role":"assistant","content":[{"type":"text","text":"d"},)"
                        R"({"type":"tool_use","id":"t","name":"f","input":{}}]},)"
                        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"e"}]}],)"
                        R"("system":"a\nb","max_tokens":5})"));
}

TEST(ToAnthropic, PutsSettingsIntoItsWords) {
  const json::object put = to_anthropic(object(R"({"messages":[],"temperature":2,"stop":"x","n":1,
    "tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false,
    "tool_choice":{"type":"function","function":{"name":"f"}},
    "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":
      {"type":"object","properties":{"a":{"type":"object","properties":{}}}}}}})"));
  EXPECT_EQ(put.at("temperature"), 1.0);
  EXPECT_EQ(put.at("stop_sequences"), json::parse(R"(["x"])"));
  EXPECT_EQ(put.at("tools"), json::parse(R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])"));
  EXPECT_EQ(put.at("tool_choice"), json::parse(R"({"type":"tool","name":"f","disable_parallel_tool_use":true})"));
  EXPECT_EQ(put.at("output_config"), json::parse(R"({"format":{"type":"json_schema","schema":{"type":"object",
      "properties":{"a":{"type":"object","properties":{},"additionalProperties":false}},
      "additionalProperties":false}}})"));
  EXPECT_EQ(put.at("max_tokens"), 8192);
  EXPECT_FALSE(put.contains("n"));
  const json::object open = to_anthropic(object(R"({"messages":[],"response_format":{"type":"json_schema",
    "json_schema":{"schema":{"type":"object"}}}})"));
  EXPECT_FALSE(open.contains("output_config")) << "an object that is open by nature cannot be closed";
  const json::object loose = to_anthropic(object(R"({"messages":[],"response_format":{"type":"json_object"}})"));
  EXPECT_THAT(std::string(loose.at("system").as_string()), HasSubstr("JSON"));
}

TEST(ToAnthropic, RefusesWhatItHasNoWordsFor) {
  EXPECT_THAT(refused(R"({})"), HasSubstr("messages"));
  EXPECT_THAT(refused(R"({"messages":[{"role":"friend","content":"x"}]})"), HasSubstr("friend"));
  EXPECT_THAT(refused(R"({"messages":[],"n":2})"), HasSubstr("'n'"));
  EXPECT_THAT(refused(R"({"messages":[],"temperature":1,"top_p":1})"), HasSubstr("top_p"));
  EXPECT_THAT(refused(R"({"messages":[],"max_tokens":1000001})"), HasSubstr("max_tokens"));
  EXPECT_THAT(refused(R"({"messages":[],"tools":[{"type":"search"}]})"), HasSubstr("functions"));
  EXPECT_THAT(refused(R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{"}}]}]})"),
              HasSubstr("JSON"));
}

TEST(FromAnthropic, AnswersInOpenAisWords) {
  const json::object answer = from_anthropic(object(R"({"id":"m","model":"c","stop_reason":"max_tokens",
    "content":[{"type":"thinking","thinking":"?"},{"type":"text","text":"a"},{"type":"text","text":"b"}],
    "usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,"cache_creation_input_tokens":4}})"),
                                             7);
  EXPECT_EQ(text_of(answer), R"({"id":"m","object":"chat.completion","created":7,"model":"c","choices":[{"index":0,)"
                             R"("message":{"role":"assistant","content":"ab"},"finish_reason":"length"}],)"
                             R"("usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,)"
                             R"("prompt_tokens_details":{"cached_tokens":3},"cache_creation_input_tokens":4}})");
  EXPECT_THROW(from_anthropic(object(R"({"type":"error"})"), 7), Refusal);
}

TEST(AnthropicStream, ReportsErrorsOfTheProvider) {
  AnthropicStream stream(7);
  EXPECT_FALSE(stream.next(object(R"({"type":"ping"})")).has_value());
  EXPECT_FALSE(stream.next(object(R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta"}})"))
                   .has_value());
  EXPECT_THROW(stream.next(object(R"({"type":"error","error":{"message":"overloaded"}})")), Refusal);
}

Usage usage_of(const std::vector<std::string>& documents) {
  Usage out;
  for (const std::string& document : documents) read_usage(object(document), out);
  return out;
}

TEST(Usage, IsReadInEveryWording) {
  const Usage chat = usage_of({R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,
                                "prompt_tokens_details":{"cached_tokens":1}}})"});
  EXPECT_EQ(chat.input, 5);
  EXPECT_EQ(chat.output, 2);
  EXPECT_EQ(chat.total, 7);
  EXPECT_EQ(chat.cache_read, 1);
  const Usage message = usage_of({R"({"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1,
                                   "cache_read_input_tokens":4}}})",
                                  R"({"type":"message_delta","usage":{"output_tokens":6}})"});
  EXPECT_EQ(message.input, 13);
  EXPECT_EQ(message.output, 6);
  EXPECT_EQ(message.total, 19);
  const Usage response = usage_of({R"({"type":"response.completed","response":{"usage":{"input_tokens":3,
                                   "output_tokens":4,"total_tokens":7,"input_tokens_details":{"cached_tokens":2}}}})"});
  EXPECT_EQ(response.total, 7);
  EXPECT_EQ(response.cache_read, 2);
  EXPECT_EQ(usage_of({R"({"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}})"}).total, 8);
  EXPECT_FALSE(usage_of({R"({"usage":{"prompt_tokens":-1,"completion_tokens":"x"}})", R"({"usage":3})"}).is_known());
}

int status_of(const gateway::Upstream& upstream, Task task) {
  try {
    target_of(upstream, task);
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
  return 200;
}

TEST(Target, GoesWhereTheSecretSays) {
  const gateway::Pairs key = {{"api_key", "k"}};
  EXPECT_EQ(target_of({"openai", "m", key, {}}, Task::kChat).url, "https://api.openai.com/v1/chat/completions");
  EXPECT_FALSE(target_of({"openai", "m", key, {}}, Task::kChat).is_configured);
  const Target own = target_of({"vllm", "m", {}, {{"api_base", "http://h:1/v1/?a=b"}}}, Task::kEmbeddings);
  EXPECT_EQ(own.url, "http://h:1/v1/embeddings?a=b");
  EXPECT_TRUE(own.is_configured);
  EXPECT_FALSE(own.headers.find("Authorization").has_value()) << "there is no key";
  const Target azure =
      target_of({"openai",
                 "m",
                 key,
                 {{"api_type", "azuread"}, {"api_base", "https://h"}, {"api_version", "1"}, {"deployment_name", "d"}}},
                Task::kChat);
  EXPECT_EQ(azure.url, "https://h/openai/deployments/d/chat/completions?api-version=1");
  EXPECT_EQ(azure.headers.find("Authorization"), "Bearer k");
  EXPECT_FALSE(azure.says_model);
  EXPECT_EQ(status_of({"bedrock", "m", key, {}}, Task::kChat), 501);
  EXPECT_EQ(status_of({"vllm", "m", key, {}}, Task::kChat), 400);
  EXPECT_EQ(status_of({"azure", "m", key, {{"api_base", "https://h"}}}, Task::kChat), 400);
  EXPECT_EQ(status_of({"anthropic", "m", key, {}}, Task::kEmbeddings), 501);
  EXPECT_EQ(status_of({"anthropic", "m", key, {}}, Task::kOpenAiChat), 400);
  EXPECT_EQ(status_of({"openai", "m", key, {}}, Task::kAnthropicMessages), 400);
}

TEST(Errors, SayWhatTheProviderSaidWithoutSecrets) {
  EXPECT_EQ(error_message(R"({"error":{"message":"a"}})"), "a");
  EXPECT_EQ(error_message(R"({"error":"b"})"), "b");
  EXPECT_EQ(error_message(R"({"message":"c"})"), "c");
  EXPECT_EQ(error_message(R"({"detail":"d"})"), R"({"detail":"d"})");
  EXPECT_EQ(error_message("plain"), "plain");
  EXPECT_EQ(error_message("\xff"), "");
  EXPECT_EQ(without_secrets("key sk-1 and sk-1", {{"api_key", "sk-1"}, {"none", ""}}), "key *** and ***");
}

}  // namespace
}  // namespace slipway::providers
