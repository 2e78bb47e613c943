#include "protocols/mlflow/webhook_messages.h"

#include <algorithm>
#include <array>

#include "foundation/base/error.h"

namespace slipway::mlflow {

namespace {

// By the numbers of MLflow's enums.
constexpr std::array<std::string_view, 11> kEntities = {
    "entity_unspecified",  "registered_model", "model_version",  "model_version_tag",
    "model_version_alias", "prompt",           "prompt_version", "prompt_tag",
    "prompt_version_tag",  "prompt_alias",     "budget_policy"};
constexpr std::array<std::string_view, 6> kActions = {
    "action_unspecified", "created", "updated", "deleted", "set", "exceeded"};
constexpr std::array<std::string_view, 3> kStatuses = {"unspecified", "active", "disabled"};

const std::vector<std::string_view>& valid_actions(std::string_view entity) {
  static const std::vector<std::string_view> made = {"created"};
  static const std::vector<std::string_view> made_and_removed = {"created", "deleted"};
  static const std::vector<std::string_view> set_and_removed = {"deleted", "set"};
  static const std::vector<std::string_view> exceeded = {"exceeded"};
  if (entity == "budget_policy") return exceeded;
  if (entity.ends_with("_tag")) return set_and_removed;
  return entity.ends_with("_alias") ? made_and_removed : made;
}

template <size_t kCount>
std::string read_name(const Input& input, std::string_view member, const std::array<std::string_view, kCount>& names) {
  const auto given = input.find_enum(member);
  for (size_t i = 1; given && i < kCount; ++i) {
    if (text::upper(names[i]) == *given || std::to_string(i) == *given) return std::string(names[i]);
  }
  throw invalid_argument("Invalid value \"", given.value_or(""), "\" for parameter '", member,
                         "' supplied. See the API docs for more information about request parameters.");
}

std::string in_quotes(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) out.append(text::concat(out.empty() ? "'" : ", '", name, "'"));
  return out;
}

// What a payload leaves out of the tags: they say that it is a prompt, and what kind of; the text has its own place.
constexpr std::string_view kIsPromptTag = "mlflow.prompt.is_prompt";
constexpr std::string_view kPromptTypeTag = "_mlflow_prompt_type";
constexpr std::string_view kPromptTextTag = "mlflow.prompt.text";
constexpr std::string_view kTagPrefix = "tag.";

// The data of a payload, member by member from the event's attributes.
class PayloadData {
 public:
  PayloadData(JsonWriter& json, const jobs::Event& event) : json_(json), attributes_(event.attributes) {
    json_.begin_object("data");
  }
  ~PayloadData() { json_.end_object(); }
  PayloadData(const PayloadData&) = delete;
  PayloadData& operator=(const PayloadData&) = delete;

  void text(std::string_view name) { json_.text(name, value(std::string(name))); }
  void text_or_null(std::string_view name) { text_or_null(name, std::string(name)); }
  void text_or_null(std::string_view name, const std::string& attribute) {
    const std::string found = value(attribute);
    if (found.empty()) return json_.raw(name, "null");
    json_.text(name, found);
  }
  void raw(std::string_view name) { json_.raw(name, value(std::string(name))); }
  void tags(bool is_prompt) {
    json_.begin_object("tags");
    for (const auto& [attribute, tag] : attributes_) {
      if (!attribute.starts_with(kTagPrefix)) continue;
      const std::string_view key = std::string_view(attribute).substr(kTagPrefix.size());
      if (is_prompt && (key == kIsPromptTag || key == kPromptTypeTag || key == kPromptTextTag)) continue;
      json_.text(key, tag);
    }
    json_.end_object();
  }

 private:
  std::string value(const std::string& attribute) const {
    const auto found = attributes_.find(attribute);
    return found == attributes_.end() ? std::string() : found->second;
  }

  JsonWriter& json_;
  const std::map<std::string, std::string>& attributes_;
};

void write_version(PayloadData& data, bool is_prompt) {
  data.text("version");
  if (is_prompt) {
    data.text_or_null("template", text::concat(kTagPrefix, kPromptTextTag));
  } else {
    data.text("source");
    data.text_or_null("run_id");
  }
  data.tags(is_prompt);
  data.text_or_null("description");
}

void write_budget(PayloadData& data) {
  data.text("budget_policy_id");
  data.text("budget_unit");
  data.raw("budget_amount");
  data.raw("current_spend");
  data.text("duration_unit");
  data.raw("duration_value");
  data.text("target_scope");
  data.text("workspace");
  data.text("target_value");
  data.raw("window_start");
}

void write_data(JsonWriter& json, const jobs::Event& event, std::string_view entity, std::string_view action) {
  PayloadData data(json, event);
  if (entity == "budget_policy") return write_budget(data);
  const bool is_prompt = entity.starts_with("prompt");
  data.text("name");
  if (entity == "registered_model" || entity == "prompt") {
    data.tags(is_prompt);
    data.text("description");
  } else if (entity == "model_version" || entity == "prompt_version") {
    write_version(data, is_prompt);
  } else if (entity.ends_with("_alias")) {
    data.text("alias");
    if (action == "created") data.text("version");
  } else {
    if (entity != "prompt_tag") data.text("version");
    data.text("key");
    if (action == "set") data.text("value");
  }
}

// As Python's isoformat writes it.
std::string iso_time(int64_t time_ms) {
  std::string out = text::format_time_ms(time_ms);
  if (out.ends_with('Z')) out.pop_back();
  return out + "000+00:00";
}

std::string_view entity_of(std::string_view kind) { return kind.substr(0, kind.find('.')); }
std::string_view action_of(std::string_view kind) { return kind.substr(std::min(kind.find('.'), kind.size() - 1) + 1); }

}  // namespace

std::string read_event_kind(const Input& input) {
  const std::string entity = read_name(input, "entity", kEntities);
  const std::string action = read_name(input, "action", kActions);
  const auto& valid = valid_actions(entity);
  if (std::find(valid.begin(), valid.end(), action) == valid.end()) {
    throw invalid_argument("Invalid action '", action, "' for entity '", entity, "'. Valid actions are: [",
                           in_quotes(valid), "]");
  }
  return text::concat(entity, ".", action);
}

std::vector<std::string> read_event_kinds(const Input& input) {
  std::vector<std::string> out;
  for (const Input& event : input.list("events")) out.push_back(read_event_kind(event));
  return out;
}

std::optional<webhooks::Status> read_webhook_status(const Input& input) {
  if (!input.find_enum("status")) return std::nullopt;
  return read_name(input, "status", kStatuses) == "active" ? webhooks::Status::kActive : webhooks::Status::kDisabled;
}

void write(JsonWriter& json, std::string_view name, const webhooks::Webhook& webhook) {
  json.begin_object(name);
  json.text("webhook_id", webhook.id);
  json.text("name", webhook.name);
  json.text_if_set("description", webhook.description);
  json.text("url", webhook.url);
  json.begin_array("events");
  for (const std::string& kind : webhook.kinds) {
    json.begin_object();
    json.text("entity", text::upper(entity_of(kind)));
    json.text("action", text::upper(action_of(kind)));
    json.end_object();
  }
  json.end_array();
  json.text("status", webhook.status == webhooks::Status::kActive ? "ACTIVE" : "DISABLED");
  json.integer("creation_timestamp", webhook.created_ms);
  json.integer("last_updated_timestamp", webhook.updated_ms);
  json.end_object();
}

std::string payload_of(const jobs::Event& event) {
  JsonWriter json;
  json.begin_object();
  json.text("entity", entity_of(event.kind));
  json.text("action", action_of(event.kind));
  json.text("timestamp", iso_time(event.time_ms));
  write_data(json, event, entity_of(event.kind), action_of(event.kind));
  json.end_object();
  return json.take();
}

jobs::Event example_event(const std::string& kind) {
  const std::string_view entity = entity_of(kind);
  const bool is_prompt = entity.starts_with("prompt");
  std::string noun = is_prompt ? "prompt" : entity == "registered_model" ? "registered model" : "model";
  if (entity.ends_with("_version")) noun.append(" version");
  jobs::Event out;
  out.kind = kind;
  out.attributes = {{"name", is_prompt ? "example_prompt" : "example_model"},
                    {"version", "1"},
                    {"key", "example_key"},
                    {"value", "example_value"},
                    {"alias", "example_alias"},
                    {"source", "models:/123"},
                    {"run_id", "abcd1234abcd5678"},
                    {"tag.example_key", "example_value"},
                    {text::concat(kTagPrefix, kPromptTextTag), "Hello {{name}}!"},
                    {"description", text::concat("An example ", noun)}};
  if (entity == "budget_policy") {
    out.attributes = {{"budget_policy_id", "bp-abc123"}, {"budget_unit", "USD"},      {"budget_amount", "100.0"},
                      {"current_spend", "105.5"},        {"duration_unit", "MONTHS"}, {"duration_value", "1"},
                      {"target_scope", "ENDPOINT"},      {"workspace", "default"},    {"target_value", "ep-abc123"},
                      {"window_start", "1704067200000"}};
  }
  if (!is_prompt) out.attributes.erase(text::concat(kTagPrefix, kPromptTextTag));
  return out;
}

}  // namespace slipway::mlflow
