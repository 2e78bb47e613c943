// What names and values may look like, as MLflow's clients expect it: every check throws invalid_argument and names the
// parameter. Used by the use cases of tracking and registry before anything is stored.
#pragma once

#include <string>
#include <string_view>

namespace slipway::tracking {

// Characters, not bytes, of UTF-8 text.
size_t character_count(std::string_view text);
std::string first_characters(const std::string& text, size_t count);

// Keys of metrics, params and tags: word characters and `/ . - : blank`, at most 250, a relative path in normal form.
// `where` names it in the message ("metrics[3].name").
void check_entity_key(std::string_view key, std::string_view where);
// Keys that are text and nothing else: not empty, at most 250 characters.
void check_text_key(std::string_view key, std::string_view where);
// Longer values are cut, as clients rely on it.
std::string cut_param_value(const std::string& value);
std::string cut_tag_value(const std::string& value);

void check_experiment_name(std::string_view name);
void check_experiment_tag(std::string_view key, std::string_view value);
// Stored as text and handed to clients; the server itself only ever opens what lies in its own blob store.
void check_artifact_location(std::string_view location);
void check_logged_model_name(std::string_view name);
void check_run_id(std::string_view run_id);
void check_dataset(std::string_view name, std::string_view digest, std::string_view source, size_t schema_size,
                   size_t profile_size);
void check_input_tag(std::string_view key, std::string_view value);
// "must have at most N characters".
void check_length(std::string_view text, size_t most, std::string_view where);

}  // namespace slipway::tracking
