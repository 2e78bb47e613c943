#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/providers/anthropic.h"
#include "protocols/providers/event_reader.h"
#include "protocols/providers/provider_client.h"
#include "protocols/providers/usage.h"

using namespace slipway;

namespace {

// Whatever a provider or a client sends is translated or refused, and what was made is JSON again.
void check(const json::object& made) {
  if (json::parse(json::write(made)).kind() != boost::json::kind::object) __builtin_trap();
}

void translate(const json::object& document, providers::AnthropicStream& stream) {
  providers::Usage usage;
  providers::read_usage(document, usage);
  if (usage.total.value_or(0) < 0) __builtin_trap();
  try {
    if (const auto chunk = stream.next(document)) check(*chunk);
    check(providers::from_anthropic(document, 1));
  } catch (const providers::Refusal&) {
  }
  try {
    check(providers::to_anthropic(document));
  } catch (const providers::Refusal&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (!text::is_valid_utf8(providers::error_message(bytes))) __builtin_trap();
  providers::AnthropicStream stream(1);
  providers::EventReader reader;
  const auto take = [&](std::string_view event) {
    try {
      const json::value document = json::parse(event);
      if (document.is_object()) translate(document.get_object(), stream);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
    }
  };
  reader.feed(bytes, take);
  reader.finish(take);
  take(bytes);
  return 0;
}
