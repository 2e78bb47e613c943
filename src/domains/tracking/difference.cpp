#include "domains/tracking/difference.h"

#include <algorithm>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/metric_store.h"
#include "foundation/base/text.h"

namespace slipway::tracking {

namespace {

constexpr size_t kShown = 60;

std::string shown(const std::string& value) {
  return value.size() <= kShown ? value : first_characters(value, kShown) + "...";
}

std::vector<Tag> tags_of(const std::vector<Param>& params) {
  std::vector<Tag> out;
  for (const Param& param : params) out.push_back({param.key, param.value});
  return out;
}

std::string optional_text(const std::optional<std::string>& value) { return value.value_or(""); }

// One entry for each dataset, as key and content.
std::vector<Tag> datasets_of(const Run& run) {
  std::vector<Tag> out;
  for (const DatasetInput& input : run.dataset_inputs) {
    const Dataset& dataset = input.dataset;
    std::string content = text::concat(dataset.source_type, "\n", dataset.source, "\n", optional_text(dataset.schema),
                                       "\n", optional_text(dataset.profile));
    std::vector<Tag> tags = input.tags;
    std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.key < b.key; });
    for (const Tag& tag : tags) content.append("\n").append(tag.key).append("=").append(tag.value);
    out.push_back({dataset.name + "@" + dataset.digest, std::move(content)});
  }
  return out;
}

std::vector<Tag> models_of(const Run& run) {
  std::vector<Tag> out;
  for (const LoggedModelId& id : run.model_inputs) out.push_back({"input " + id.value, ""});
  for (const ModelOutput& output : run.model_outputs) {
    out.push_back({"output " + output.model_id.value, std::to_string(output.step)});
  }
  return out;
}

std::vector<Tag> metrics_of(const LoggedModel& model) {
  std::vector<Tag> out;
  for (const Metric& metric : model.metrics) {
    const StoredValue stored = stored_value(metric.value);
    out.push_back({text::concat(metric.key, " at ", metric.time_ms, ", step ", metric.step, " of run ",
                                metric.run_id.value, " on ", metric.dataset_name, "@", metric.dataset_digest),
                   stored.is_nan != 0 ? "nan" : text::format_double(stored.value)});
  }
  return out;
}

// The first that is not empty.
std::string first_of(std::initializer_list<std::string> differences) {
  for (const std::string& one : differences) {
    if (!one.empty()) return one;
  }
  return "";
}

}  // namespace

std::string text_difference(std::string_view what, const std::string& here, const std::string& there) {
  if (here == there) return "";
  return text::concat(what, " is '", shown(here), "' here and '", shown(there), "' there");
}

std::string number_difference(std::string_view what, int64_t here, int64_t there) {
  if (here == there) return "";
  return text::concat(what, " is ", here, " here and ", there, " there");
}

std::string tags_difference(std::string_view what, std::vector<Tag> here, std::vector<Tag> there) {
  const auto by_key = [](const Tag& a, const Tag& b) { return a.key < b.key; };
  std::sort(here.begin(), here.end(), by_key);
  std::sort(there.begin(), there.end(), by_key);
  const auto [a, b] = std::mismatch(here.begin(), here.end(), there.begin(), there.end());
  if (a == here.end() && b == there.end()) return "";
  if (a == here.end() || (b != there.end() && b->key < a->key))
    return text::concat(what, " '", shown(b->key), "' is only there");
  if (b == there.end() || a->key < b->key) return text::concat(what, " '", shown(a->key), "' is only here");
  return text_difference(text::concat(what, " '", shown(a->key), "'"), a->value, b->value);
}

std::string difference(const Experiment& here, const Experiment& there) {
  return first_of(
      {text_difference("name", here.name, there.name),
       text_difference("state", std::string(name_of(here.lifecycle)), std::string(name_of(there.lifecycle))),
       text_difference("artifact location", here.artifact_location, there.artifact_location),
       tags_difference("tag", here.tags, there.tags)});
}

std::string difference(const Run& here, const Run& there) {
  const RunInfo& a = here.info;
  const RunInfo& b = there.info;
  return first_of({text_difference("experiment", a.experiment_id.value, b.experiment_id.value),
                   text_difference("name", a.name, b.name), text_difference("user", a.user_id, b.user_id),
                   text_difference("status", std::string(name_of(a.status)), std::string(name_of(b.status))),
                   number_difference("start", a.start_ms, b.start_ms),
                   number_difference("end", a.end_ms.value_or(-1), b.end_ms.value_or(-1)),
                   text_difference("state", std::string(name_of(a.lifecycle)), std::string(name_of(b.lifecycle))),
                   text_difference("artifact location", a.artifact_uri, b.artifact_uri),
                   tags_difference("param", tags_of(here.params), tags_of(there.params)),
                   tags_difference("tag", here.tags, there.tags),
                   tags_difference("dataset", datasets_of(here), datasets_of(there)),
                   tags_difference("model", models_of(here), models_of(there))});
}

std::string difference(const LoggedModel& here, const LoggedModel& there) {
  return first_of(
      {text_difference("experiment", here.experiment_id.value, there.experiment_id.value),
       text_difference("name", here.name, there.name), text_difference("type", here.model_type, there.model_type),
       text_difference("run", here.source_run_id, there.source_run_id),
       text_difference("status", std::string(name_of(here.status)), std::string(name_of(there.status))),
       text_difference("status message", here.status_message, there.status_message),
       text_difference("state", std::string(name_of(here.lifecycle)), std::string(name_of(there.lifecycle))),
       text_difference("artifact location", here.artifact_uri, there.artifact_uri),
       tags_difference("param", tags_of(here.params), tags_of(there.params)),
       tags_difference("tag", here.tags, there.tags), tags_difference("metric", metrics_of(here), metrics_of(there))});
}

}  // namespace slipway::tracking
