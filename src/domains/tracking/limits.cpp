#include "domains/tracking/limits.h"

#include <algorithm>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::tracking {

namespace {

constexpr size_t kMaxKey = 250;
constexpr size_t kMaxParamValue = 6000;
constexpr size_t kMaxTagValue = 8000;
constexpr size_t kMaxExperimentName = 500;
constexpr size_t kMaxExperimentTagValue = 20'000;
constexpr size_t kMaxLocation = 2048;
constexpr size_t kMaxRunId = 256;
constexpr size_t kMaxModelName = 500;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_key_character(char c) { return is_word(c) || std::string_view("/.- :").find(c) != std::string_view::npos; }

Error invalid(std::string_view where, std::string_view value, std::string_view why) {
  // As JSON, so that odd characters show.
  return invalid_argument("Invalid value ", json::write(json::value(value)), " for parameter '", where,
                          "' supplied: ", why);
}

// What os.path.normpath would leave alone, and nothing that climbs.
bool is_normal_relative_path(std::string_view path) {
  if (path.empty() || path == "." || path.front() == '/' || path.back() == '/') return false;
  for (const std::string& part : text::split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return path.substr(0, 2) != "..";
}

}  // namespace

size_t character_count(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string first_characters(const std::string& text, size_t count) {
  if (text.size() <= count) return text;
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool starts_one = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts_one && ++characters > count) return text.substr(0, i);
  }
  return text;
}

void check_length(std::string_view text, size_t most, std::string_view where) {
  if (text.size() > most && character_count(text) > most) {
    throw invalid_argument("'", where, "' exceeds the maximum length of ", most, " characters");
  }
}

void check_entity_key(std::string_view key, std::string_view where) {
  check_length(key, kMaxKey, where);
  if (key.empty()) throw invalid(where, key, "a name must not be empty");
  if (!std::all_of(key.begin(), key.end(), is_key_character)) {
    throw invalid(where, key, "names take letters, digits, underscores, dashes, periods, blanks, colons and slashes");
  }
  if (!is_normal_relative_path(key)) throw invalid(where, key, "a name must be a relative path in its shortest form");
}

void check_text_key(std::string_view key, std::string_view where) {
  if (key.empty()) throw invalid_argument("'", where, "' must not be empty");
  check_length(key, kMaxKey, where);
}

std::string cut_param_value(const std::string& value) { return first_characters(value, kMaxParamValue); }
std::string cut_tag_value(const std::string& value) { return first_characters(value, kMaxTagValue); }

void check_experiment_name(std::string_view name) {
  if (text::trim(name).empty()) throw invalid_argument("Invalid experiment name: '", name, "'. It must not be blank");
  check_length(name, kMaxExperimentName, "name");
}

void check_experiment_tag(std::string_view key, std::string_view value) {
  check_entity_key(key, "key");
  check_length(value, kMaxExperimentTagValue, "value");
}

void check_artifact_location(std::string_view location) {
  check_length(location, kMaxLocation, "artifact_location");
  const std::string plain = decode_until_stable(location);
  const auto refuse = [&](std::string_view why) { throw invalid("artifact_location", location, why); };
  if (plain.starts_with("runs:")) refuse("an experiment cannot lie inside a run");
  // In an address '#' cuts the path off behind the check; in a plain path it is a character like others.
  const bool is_address = plain.find(':') != std::string::npos;
  if (is_address && plain.find('#') != std::string::npos) refuse("'#' is not allowed");
  if (plain.find('\\') != std::string::npos) refuse("backslashes are not allowed");
  for (const char c : plain) {
    if (static_cast<unsigned char>(c) < 0x20) refuse("control characters are not allowed");
  }
  for (const std::string& part : text::split(text::replace_all(plain, "?", "/"), '/')) {
    if (part == "..") refuse("'..' is not allowed");
  }
}

void check_logged_model_name(std::string_view name) {
  if (name.empty() || name.find_first_of("/:.%\"'") != std::string_view::npos) {
    throw invalid_argument("Invalid model name ('", name,
                           "') provided. It must not be empty nor hold any of / : . % \" '");
  }
  check_length(name, kMaxModelName, "name");
}

void check_run_id(std::string_view run_id) {
  const bool sound = !run_id.empty() && run_id.size() <= kMaxRunId && is_word(run_id[0]) && run_id[0] != '_' &&
                     std::all_of(run_id.begin(), run_id.end(), [](char c) { return is_word(c) || c == '-'; });
  if (!sound) throw invalid("run_id", run_id, "a run id takes letters, digits, underscores and dashes");
}

void check_dataset(std::string_view name, std::string_view digest, std::string_view source, size_t schema_size,
                   size_t profile_size) {
  constexpr size_t kMaxSchema = 1'048'575;
  constexpr size_t kMaxProfile = 16'777'215;
  if (name.empty() || digest.empty()) throw invalid_argument("a dataset needs a name and a digest");
  check_length(name, 500, "dataset.name");
  check_length(digest, 36, "dataset.digest");
  check_length(source, 65'535, "dataset.source");
  if (schema_size > kMaxSchema)
    throw invalid_argument("'dataset.schema' exceeds the maximum length of ", kMaxSchema, " bytes");
  if (profile_size > kMaxProfile)
    throw invalid_argument("'dataset.profile' exceeds the maximum length of ", kMaxProfile, " bytes");
}

void check_input_tag(std::string_view key, std::string_view value) {
  if (key.empty()) throw invalid_argument("an input tag needs a key");
  check_length(key, 255, "tags.key");
  check_length(value, 500, "tags.value");
}

}  // namespace slipway::tracking
