#include "protocols/providers/usage.h"

#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::providers {

namespace {

const json::object* member(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

// A count that makes sense; sums of a few stay far from the ends of 64 bits.
std::optional<int64_t> count_of(const json::object& from, std::string_view key) {
  constexpr int64_t kMost = int64_t{1} << 50;
  const json::value* found = json::find(from, key);
  if (found == nullptr || !found->is_int64()) return std::nullopt;
  const int64_t count = found->get_int64();
  return count >= 0 && count <= kMost ? std::optional(count) : std::nullopt;
}

void replace(std::optional<int64_t>& kept, std::optional<int64_t> reported) {
  if (reported) kept = reported;
}

// OpenAI's chat counts cached tokens among the prompt's, its responses among the input's.
void read_openai(const json::object& reported, std::string_view input, std::string_view output, Usage& usage) {
  replace(usage.input, count_of(reported, input));
  replace(usage.output, count_of(reported, output));
  replace(usage.total, count_of(reported, "total_tokens"));
  if (const auto* details = member(reported, text::concat(input, "_details")))
    replace(usage.cache_read, count_of(*details, "cached_tokens"));
}

// Anthropic counts what it did not have to read apart.
void read_anthropic(const json::object& reported, Usage& usage) {
  replace(usage.cache_read, count_of(reported, "cache_read_input_tokens"));
  replace(usage.cache_creation, count_of(reported, "cache_creation_input_tokens"));
  if (const auto input = count_of(reported, "input_tokens"))
    usage.input = *input + usage.cache_read.value_or(0) + usage.cache_creation.value_or(0);
  replace(usage.output, count_of(reported, "output_tokens"));
}

void read_report(const json::object& reported, Usage& usage) {
  if (reported.contains("prompt_tokens")) return read_openai(reported, "prompt_tokens", "completion_tokens", usage);
  if (reported.contains("total_tokens")) return read_openai(reported, "input_tokens", "output_tokens", usage);
  read_anthropic(reported, usage);
}

}  // namespace

void read_usage(const json::object& document, Usage& usage) {
  if (const auto* reported = member(document, "usage")) read_report(*reported, usage);
  // The beginning of Anthropic's stream, and the events of OpenAI's responses.
  for (const std::string_view wrapper : {"message", "response"}) {
    const auto* wrapped = member(document, wrapper);
    const auto* reported = wrapped == nullptr ? nullptr : member(*wrapped, "usage");
    if (reported != nullptr) read_report(*reported, usage);
  }
  if (usage.input && usage.output && !document.contains("choices")) usage.total = *usage.input + *usage.output;
}

}  // namespace slipway::providers
