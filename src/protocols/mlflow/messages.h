// MLflow's JSON for the structs of tracking and registry, both ways. Used by the handlers.
#pragma once

#include <string>
#include <vector>

#include "domains/registry/model.h"
#include "domains/tracking/artifacts.h"
#include "domains/tracking/logged_model.h"
#include "domains/tracking/run.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

// Writers add a member of that name to the open object; an empty name adds an element of the open array.
void write(JsonWriter& json, std::string_view name, const tracking::Experiment& experiment);
void write(JsonWriter& json, std::string_view name, const tracking::RunInfo& info);
void write(JsonWriter& json, std::string_view name, const tracking::Run& run);
void write(JsonWriter& json, std::string_view name, const tracking::Metric& metric);
void write(JsonWriter& json, std::string_view name, const tracking::DatasetSummary& summary);
void write(JsonWriter& json, std::string_view name, const tracking::LoggedModel& model);
void write(JsonWriter& json, std::string_view name, const registry::RegisteredModel& model);
void write(JsonWriter& json, std::string_view name, const registry::ModelVersion& version);
// Left out when there are none, as protobuf's JSON does. `folder` comes before each path.
void write_files(JsonWriter& json, const std::vector<tracking::ArtifactEntry>& files, const std::string& folder);

template <typename T>
void write_list(JsonWriter& json, std::string_view name, const std::vector<T>& items) {
  if (items.empty()) return;
  json.begin_array(name);
  for (const T& item : items) write(json, "", item);
  json.end_array();
}

// {"name": {...}}
template <typename T>
std::string one(std::string_view name, const T& item) {
  JsonWriter json;
  json.begin_object();
  write(json, name, item);
  json.end_object();
  return json.take();
}

// {"name": [...], "next_page_token": "..."}
template <typename T>
std::string page(std::string_view name, const tracking::Page<T>& items) {
  JsonWriter json;
  json.begin_object();
  write_list(json, name, items.items);
  if (items.next) json.text("next_page_token", *items.next);
  json.end_object();
  return json.take();
}

// The answer of calls that have nothing to say.
inline constexpr std::string_view kNothing = "{}";

tracking::Metric read_metric(const Input& input);
std::vector<tracking::Tag> read_tags(const Input& input, std::string_view name = "tags");
std::vector<tracking::Param> read_params(const Input& input);
tracking::DatasetInput read_dataset_input(const Input& input);
std::optional<tracking::RunStatus> read_run_status(const Input& input);
tracking::LoggedModelStatus read_model_status(const Input& input);
tracking::Visibility read_visibility(const Input& input, std::string_view name);
// filter, order_by, max_results and page_token.
tracking::Search read_search(const Input& input, int64_t default_max_results);

}  // namespace slipway::mlflow
