// Calls about evaluation datasets and their records.
#include "foundation/base/error.h"
#include "protocols/mlflow/genai_messages.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

constexpr int64_t kDefaultDatasets = 1000;
constexpr int64_t kDefaultRecords = 1000;

genai::DatasetId dataset_id(const Input& input) { return genai::DatasetId(input.required_text("dataset_id")); }

std::vector<genai::ExperimentId> experiments(const Input& input) {
  const std::vector<std::string> ids = input.texts("experiment_ids");
  return {ids.begin(), ids.end()};
}

void write_experiments(JsonWriter& json, const std::vector<genai::ExperimentId>& experiments) {
  if (experiments.empty()) return;
  json.begin_array("experiment_ids");
  for (const genai::ExperimentId& id : experiments) json.element(id.value);
  json.end_array();
}

// 0 is how clients leave a number out.
int64_t max_results(const Input& input, int64_t otherwise) {
  const int64_t asked = input.integer("max_results", otherwise);
  return asked == 0 ? otherwise : asked;
}

}  // namespace

std::string create_evaluation_dataset(const Services& services, const Input& input) {
  genai::NewDataset wanted;
  wanted.name = input.required_text("name");
  const std::string tags = input.text("tags");
  if (!tags.empty()) wanted.tags = read_json_tags(tags);
  wanted.experiments = experiments(input);
  const genai::Dataset dataset = services.genai.datasets().create(wanted);
  JsonWriter json;
  json.begin_object();
  json.begin_object("dataset");
  write_members(json, dataset);
  // Elsewhere clients ask for them when they need them.
  write_experiments(json, wanted.experiments);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string get_evaluation_dataset(const Services& services, const Input& input) {
  return one("dataset", services.genai.datasets().get(dataset_id(input)));
}

std::string delete_evaluation_dataset(const Services& services, const Input& input) {
  services.genai.datasets().remove(dataset_id(input));
  return std::string(kNothing);
}

std::string search_evaluation_datasets(const Services& services, const Input& input) {
  genai::Search search;
  search.filter = input.text("filter_string");
  search.order_by = input.texts("order_by");
  search.max_results = max_results(input, kDefaultDatasets);
  search.page_token = input.text("page_token");
  return page("datasets", services.genai.datasets().search(experiments(input), search));
}

std::string set_evaluation_dataset_tags(const Services& services, const Input& input) {
  services.genai.datasets().set_tags(dataset_id(input), read_json_tags(input.required_text("tags")));
  return std::string(kNothing);
}

std::string delete_evaluation_dataset_tag(const Services& services, const Input& input) {
  services.genai.datasets().delete_tag(dataset_id(input), input.required_text("key"));
  return std::string(kNothing);
}

std::string get_evaluation_dataset_experiments(const Services& services, const Input& input) {
  JsonWriter json;
  json.begin_object();
  write_experiments(json, services.genai.datasets().experiments_of(dataset_id(input)));
  json.end_object();
  return json.take();
}

std::string add_evaluation_dataset_to_experiments(const Services& services, const Input& input) {
  return one("dataset", services.genai.datasets().add_to_experiments(dataset_id(input), experiments(input)));
}

std::string remove_evaluation_dataset_from_experiments(const Services& services, const Input& input) {
  return one("dataset", services.genai.datasets().remove_from_experiments(dataset_id(input), experiments(input)));
}

std::string upsert_evaluation_records(const Services& services, const Input& input) {
  const auto counts = services.genai.datasets().upsert(dataset_id(input), read_records(input.required_text("records")));
  JsonWriter json;
  json.begin_object();
  json.integer("inserted_count", counts.inserted);
  json.integer("updated_count", counts.updated);
  json.end_object();
  return json.take();
}

std::string get_evaluation_records(const Services& services, const Input& input) {
  const auto page = services.genai.datasets().records(dataset_id(input), max_results(input, kDefaultRecords),
                                                      input.text("page_token"));
  JsonWriter json;
  json.begin_object();
  json.text("records", records_text(dataset_id(input), page.items));
  if (page.next) json.text("next_page_token", *page.next);
  json.end_object();
  return json.take();
}

std::string delete_evaluation_records(const Services& services, const Input& input) {
  const std::vector<std::string> ids = input.texts("dataset_record_ids");
  JsonWriter json;
  json.begin_object();
  json.integer("deleted_count", services.genai.datasets().remove_records(dataset_id(input), {ids.begin(), ids.end()}));
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
