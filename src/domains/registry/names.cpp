#include "domains/registry/names.h"

#include <algorithm>
#include <array>

#include "domains/registry/model.h"
#include "domains/tracking/limits.h"
#include "foundation/base/error.h"

namespace slipway::registry {

namespace {

constexpr std::array<std::string_view, 4> kStages = {"None", "Staging", "Production", "Archived"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alias_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "v1", "V20": reserved for version numbers.
bool looks_like_a_version(std::string_view alias) {
  return alias.size() > 1 && (alias[0] == 'v' || alias[0] == 'V') &&
         std::all_of(alias.begin() + 1, alias.end(), is_digit);
}

}  // namespace

std::string_view name_of(Stage stage) { return kStages[static_cast<size_t>(stage)]; }

Stage parse_stage(std::string_view name) {
  for (size_t i = 0; i < kStages.size(); ++i) {
    if (text::equal_ignoring_case(kStages[i], name)) return static_cast<Stage>(i);
  }
  throw invalid_argument("Invalid Model Version stage: ", name,
                         ". Value must be one of None, Staging, Production, Archived.");
}

void check_model_name(std::string_view name) {
  if (text::trim(name).empty()) throw invalid_argument("Registered model name cannot be empty.");
  if (name.find_first_of("/:") != std::string_view::npos || name == "." || name == "..") {
    throw invalid_argument("Invalid value \"", name,
                           "\" for parameter 'name' supplied: a model name takes no '/' nor ':'");
  }
  tracking::check_length(name, 256, "name");
}

void check_alias(std::string_view alias) {
  if (alias.empty() || !std::all_of(alias.begin(), alias.end(), is_alias_character)) {
    throw invalid_argument("Invalid alias name: '", alias,
                           "'. An alias takes letters, digits, underscores and dashes.");
  }
  tracking::check_length(alias, 255, "alias");
  if (text::equal_ignoring_case(alias, "latest")) {
    throw invalid_argument("'latest' alias name (case insensitive) is reserved: it is always the highest version");
  }
  if (looks_like_a_version(alias)) {
    throw invalid_argument("Version aliases are reserved: '", alias,
                           "' would read like a version number. Invalid alias name.");
  }
}

void check_tag(std::string_view key, std::string_view value) {
  tracking::check_entity_key(key, "key");
  tracking::check_length(value, 100'000, "value");
}

}  // namespace slipway::registry
