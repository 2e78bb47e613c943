// The half of HttpSource for evaluation datasets, scorers and issues.
#include <algorithm>

#include "adapters/mlflow_store/http_source.h"
#include "adapters/mlflow_store/server_answers.h"
#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"
#include "foundation/http/message.h"

namespace slipway::mlflow_store {

using genai::Issue;
using genai::Record;
using genai::ScorerVersion;
using genai::StoredDataset;
using genai::StoredScorer;
using tracking::ExperimentId;

namespace {

constexpr int64_t kAtOnce = 200;

std::optional<std::string> find_text(const json::object& from, std::string_view key) {
  std::string out = text_of(from, key);
  return out.empty() || out == "null" ? std::nullopt : std::optional(std::move(out));
}

std::vector<std::string> texts_of(const json::object& from, std::string_view list) {
  std::vector<std::string> out;
  const json::value* found = json::find(from, list);
  if (found == nullptr || !found->is_array()) return out;
  for (const json::value& one : found->as_array()) {
    if (one.is_string()) out.emplace_back(one.as_string());
  }
  return out;
}

// The tags of a dataset come as a JSON object inside a text.
std::vector<tracking::Tag> tags_in_text(const std::string& text) {
  std::vector<tracking::Tag> out;
  if (text.empty()) return out;
  JsonReader reader(text);
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string value = traces::normal_json(reader.skip());
    out.push_back({name, traces::text_of_json(value).value_or(value)});
  }
  return out;
}

std::optional<std::string> unless_null(std::string_view json) {
  std::string out = traces::normal_json(json);
  return out == "null" ? std::nullopt : std::optional(std::move(out));
}

std::optional<genai::RecordSource> source_of(std::string_view json) {
  if (json == "null") return std::nullopt;
  genai::RecordSource out;
  JsonReader reader(json);
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string_view value = reader.skip();
    if (name == "source_type") out.type = traces::text_of_json(value).value_or("");
    if (name == "source_data") out.data = unless_null(value).value_or("{}");
  }
  return out;
}

// With its parts as the server wrote them: numbers keep their digits.
Record record_of(JsonReader& reader) {
  Record out;
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string_view value = reader.skip();
    if (value == "null") continue;
    const auto text = [&] { return traces::text_of_json(value); };
    const auto number = [&] { return text::parse_int(std::string(value)).value_or(0); };
    if (name == "dataset_record_id") out.id = genai::RecordId(text().value_or(""));
    if (name == "inputs") out.inputs = traces::normal_json(value);
    if (name == "outputs") out.outputs = unless_null(value);
    if (name == "expectations") out.expectations = unless_null(value);
    if (name == "tags") out.tags = traces::normal_json(value);
    if (name == "source") out.source = source_of(value);
    if (name == "source_id") out.source_id = text().value_or("");
    if (name == "created_time") out.created_ms = number();
    if (name == "last_update_time") out.updated_ms = number();
    if (name == "created_by") out.created_by = text();
    if (name == "last_updated_by") out.updated_by = text();
  }
  return out;
}

std::string after_token(const std::string& token, std::string_view separator = "&") {
  return token.empty() ? "" : text::concat(separator, "page_token=", http::percent_encode(token));
}

}  // namespace

bool HttpSource::is_given(const std::string& what, const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    // Older servers do not know the address, and a server on files says that it has no place for such things.
    const bool is_refused = error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kInvalidArgument ||
                            error.code() == ErrorCode::kUnimplemented || error.code() == ErrorCode::kInternal;
    if (!is_refused) throw;
    not_given_.push_back({text::concat("list of ", what, ", which this server does not give: ", error.what()), 1});
    return false;
  }
}

StoredDataset HttpSource::read_dataset(const json::object& given) {
  StoredDataset out;
  genai::Dataset& dataset = out.dataset;
  dataset.id = genai::DatasetId(text_of(given, "dataset_id"));
  dataset.name = text_of(given, "name");
  dataset.digest = text_of(given, "digest");
  dataset.schema = find_text(given, "schema");
  dataset.created_ms = number_of(given, "created_time");
  dataset.updated_ms = find_number(given, "last_update_time").value_or(dataset.created_ms);
  dataset.created_by = find_text(given, "created_by");
  dataset.updated_by = find_text(given, "last_updated_by");
  dataset.tags = tags_in_text(text_of(given, "tags"));
  const json::value answer = json::parse_lenient(client_.get(
      text::concat("/api/3.0/mlflow/datasets/", http::percent_encode(dataset.id.value), "/experiment-ids")));
  for (const std::string& id : texts_of(json::as_object(answer, "a dataset's experiments"), "experiment_ids"))
    out.experiments.emplace_back(id);
  return out;
}

void HttpSource::datasets(const std::function<void(std::vector<StoredDataset>)>& on_datasets) {
  std::vector<StoredDataset> found;
  is_given("evaluation datasets", [&] {
    pages(
        [&](const std::string& token) {
          json::object wanted = {{"max_results", kAtOnce}, {"order_by", json::array{"created_time ASC"}}};
          if (!token.empty()) wanted["page_token"] = token;
          return client_.post("/api/3.0/mlflow/datasets/search", json::write(wanted));
        },
        [&](const json::object& page) {
          for_each(page, "datasets", [&](const json::object& given) { found.push_back(read_dataset(given)); });
        });
  });
  for (const StoredDataset& one : found) {
    add(Kind::kEvaluationDatasets, 1);
    add(Kind::kEvaluationDatasetTags, one.dataset.tags.size());
    add(Kind::kEvaluationDatasetLinks, one.experiments.size());
  }
  if (!found.empty()) on_datasets(std::move(found));
}

void HttpSource::records(const genai::DatasetId& dataset, const std::function<void(std::vector<Record>)>& on_records) {
  const std::string address =
      text::concat("/api/3.0/mlflow/datasets/", http::percent_encode(dataset.value), "/records?max_results=", kAtOnce);
  pages([&](const std::string& token) { return client_.get(address + after_token(token)); },
        [&](const json::object& page) {
          // A list as JSON inside a text.
          const std::string list = text_of(page, "records");
          if (list.empty()) return;
          std::vector<Record> records;
          JsonReader reader(list);
          for (reader.begin_array(); reader.next_element();) records.push_back(record_of(reader));
          add(Kind::kEvaluationRecords, records.size());
          if (!records.empty()) on_records(std::move(records));
        });
}

void HttpSource::read_scorers(const std::string& experiment, std::vector<StoredScorer>& out) {
  const std::string in_experiment = "?experiment_id=" + http::percent_encode(experiment);
  const json::value list = json::parse_lenient(client_.get("/api/3.0/mlflow/scorers/list" + in_experiment));
  for_each(json::as_object(list, "scorers"), "scorers", [&](const json::object& latest) {
    StoredScorer scorer{genai::ScorerId(text_of(latest, "scorer_id")),
                        ExperimentId(experiment),
                        text_of(latest, "scorer_name"),
                        {},
                        {}};
    const json::value versions = json::parse_lenient(client_.get(
        text::concat("/api/3.0/mlflow/scorers/versions", in_experiment, "&name=", http::percent_encode(scorer.name))));
    for_each(json::as_object(versions, "versions of a scorer"), "scorers", [&](const json::object& given) {
      scorer.versions.push_back({scorer.id, scorer.experiment_id, scorer.name, number_of(given, "scorer_version"),
                                 text_of(given, "serialized_scorer"), number_of(given, "creation_time")});
    });
    const json::value online = json::parse_lenient(client_.get(text::concat(
        "/ajax-api/3.0/mlflow/scorers/online-configs?scorer_ids=", http::percent_encode(scorer.id.value))));
    for_each(json::as_object(online, "online scoring"), "configs", [&](const json::object& given) {
      scorer.online = {text_of(given, "online_scoring_config_id"), scorer.id, scorer.experiment_id,
                       real_of(given, "sample_rate"), find_text(given, "filter_string")};
    });
    out.push_back(std::move(scorer));
  });
}

void HttpSource::scorers(const std::function<void(std::vector<StoredScorer>)>& on_scorers) {
  std::vector<StoredScorer> found;
  // A server that refuses one experiment refuses all of them.
  for (const std::string& experiment : active_experiments_) {
    if (!is_given("scorers", [&] { read_scorers(experiment, found); })) break;
  }
  for (const StoredScorer& one : found) {
    add(Kind::kScorers, 1);
    add(Kind::kScorerVersions, one.versions.size());
    add(Kind::kOnlineScorings, one.online ? 1 : 0);
  }
  if (!found.empty()) on_scorers(std::move(found));
}

void HttpSource::issues(const std::function<void(std::vector<Issue>)>& on_issues) {
  std::vector<Issue> found;
  is_given("issues", [&] {
    pages(
        [&](const std::string& token) {
          json::object wanted = {{"max_results", kAtOnce}};
          if (!token.empty()) wanted["page_token"] = token;
          return client_.post("/api/3.0/mlflow/issues/search", json::write(wanted));
        },
        [&](const json::object& page) {
          for_each(page, "issues", [&](const json::object& given) {
            Issue issue;
            issue.id = genai::IssueId(text_of(given, "issue_id"));
            issue.experiment_id = ExperimentId(text_of(given, "experiment_id"));
            issue.name = text_of(given, "name");
            issue.description = text_of(given, "description");
            issue.status = text_of(given, "status");
            issue.severity = find_text(given, "severity");
            issue.root_causes = texts_of(given, "root_causes");
            issue.categories = texts_of(given, "categories");
            issue.source_run_id = find_text(given, "source_run_id");
            issue.created_ms = number_of(given, "created_timestamp");
            issue.updated_ms = number_of(given, "last_updated_timestamp");
            issue.created_by = find_text(given, "created_by");
            found.push_back(std::move(issue));
          });
        });
  });
  add(Kind::kIssues, found.size());
  if (!found.empty()) on_issues(std::move(found));
}

}  // namespace slipway::mlflow_store
