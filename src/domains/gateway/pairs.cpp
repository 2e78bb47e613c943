#include "domains/gateway/pairs.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::gateway {

namespace {

constexpr size_t kShownFirst = 3;
constexpr size_t kShownLast = 4;
constexpr size_t kLeastShown = 8;

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// Where each character of UTF-8 begins.
std::vector<size_t> characters(std::string_view value) {
  std::vector<size_t> out;
  for (size_t i = 0; i < value.size(); ++i) {
    if (begins_character(value[i])) out.push_back(i);
  }
  return out;
}

}  // namespace

std::string to_text(const Pairs& pairs) {
  json::object out;
  for (const auto& [key, value] : pairs) out[key] = value;
  return json::write(out);
}

Pairs pairs_of(std::string_view text) {
  Pairs out;
  try {
    const json::value document = json::parse(text);
    for (const auto& [key, value] : json::as_object(document, "kept values"))
      out[std::string(key)] = std::string(value.as_string());
  } catch (const std::exception&) {
    throw data_loss("values that the gateway kept are damaged; set them anew");
  }
  return out;
}

std::string masked(std::string_view value) {
  const std::vector<size_t> begins = characters(value);
  if (begins.size() < kLeastShown) return "***";
  return text::concat(value.substr(0, begins[kShownFirst]), "...", value.substr(begins[begins.size() - kShownLast]));
}

Pairs masked(const Pairs& values) {
  Pairs out;
  for (const auto& [key, value] : values) out[key] = masked(value);
  return out;
}

Stamp stamp_of(const sql::Row& row, int column) {
  return {row.get_int(column), row.get_int(column + 1), row.get_text(column + 2), row.get_text(column + 3)};
}

void touch(Stamp& stamp, int64_t now_ms, const std::string& changer) {
  stamp.updated_ms = std::max(now_ms, stamp.updated_ms + 1);
  if (!changer.empty()) stamp.updated_by = changer;
}

}  // namespace slipway::gateway
