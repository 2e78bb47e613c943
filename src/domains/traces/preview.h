// A short text of what went into a trace or came out of it, for lists. Used by Traces.
#pragma once

#include <string>
#include <string_view>

namespace slipway::traces {

enum class PreviewOf { kRequest, kResponse };

// At most 1000 characters of a JSON value; of a conversation, the last message of the user (or of the assistant).
std::string preview_of(const std::string& json, PreviewOf side);

}  // namespace slipway::traces
