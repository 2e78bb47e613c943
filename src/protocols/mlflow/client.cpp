#include "protocols/mlflow/client.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/http/message.h"
#include "protocols/mlflow/client_errors.h"

namespace slipway::mlflow {

namespace {

constexpr size_t kMaxMetrics = 900;  // of one batch; 1,000 entities in sum are allowed
constexpr size_t kMaxParams = 50;
constexpr size_t kMaxTags = 50;
constexpr int kAttempts = 6;

using Texts = std::map<std::string, std::string>;

std::string query(const Texts& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    out += (out.empty() ? "?" : "&") + name + "=" + http::percent_encode(value);
  }
  return out;
}

json::array pairs_json(const Texts& pairs) {
  json::array out;
  for (const auto& [key, value] : pairs) out.push_back(json::object{{"key", key}, {"value", value}});
  return out;
}

Texts read_pairs(const json::object& from, std::string_view list) {
  Texts out;
  const json::value* items = json::find(from, list);
  if (items == nullptr || !items->is_array()) return out;
  for (const json::value& item : items->get_array()) {
    const json::object& pair = json::as_object(item, list);
    out[json::get_string(pair, "key")] = json::find_string(pair, "value").value_or("");
  }
  return out;
}

// Cuts a map into maps of at most `size` pairs.
std::vector<Texts> chunks(const Texts& pairs, size_t size) {
  std::vector<Texts> out;
  for (const auto& pair : pairs) {
    if (out.empty() || out.back().size() == size) out.emplace_back();
    out.back().insert(pair);
  }
  return out;
}

RemoteVersion read_version(const json::object& from) {
  RemoteVersion version;
  version.name = json::get_string(from, "name");
  version.version = json::get_string(from, "version");
  version.run_id = json::find_string(from, "run_id").value_or("");
  version.source = json::find_string(from, "source").value_or("");
  version.tags = read_pairs(from, "tags");
  if (const json::value* aliases = json::find(from, "aliases"); aliases != nullptr && aliases->is_array()) {
    for (const json::value& alias : aliases->get_array()) {
      if (alias.is_string()) version.aliases.emplace_back(alias.get_string());
    }
  }
  return version;
}

// One member of an answer, itself an object.
json::object member(const std::string& answer, std::string_view key) {
  const json::value document = json::parse_lenient(answer);
  return json::get_object(json::as_object(document, "the server's answer"), key);
}

std::string member_text(const std::string& answer, std::string_view key) {
  const json::value document = json::parse_lenient(answer);
  return json::get_string(json::as_object(document, "the server's answer"), key);
}

json::object run_data(const std::string& answer) {
  const json::object run = member(answer, "run");
  const json::value* data = json::find(run, "data");
  return data != nullptr && data->is_object() ? data->get_object() : json::object{};
}

}  // namespace

Client::Client(http::Client& http, std::string url, std::string authorization)
    : http_(http), url_(std::move(url)), authorization_(std::move(authorization)) {
  while (url_.ends_with('/')) url_.pop_back();
  if (!url_.starts_with("http://") && !url_.starts_with("https://")) {
    throw invalid_argument("the server's URL must start with http:// or https://, got '", url_, "'");
  }
}

http::ClientRequest Client::request(const std::string& method, const std::string& url) const {
  http::ClientRequest request;
  request.method = method;
  request.url = url;
  if (!authorization_.empty()) request.headers.add("Authorization", authorization_);
  return request;
}

std::string Client::call(const std::string& method, const std::string& path, const std::string& body) {
  http::ClientRequest sent = request(method, url_ + (path.starts_with('/') ? path : "/api/2.0/" + path));
  if (method != "GET") {
    sent.headers.add("Content-Type", "application/json");
    sent.body = body;
  }
  for (int attempt = 1;; ++attempt) {
    http::ClientResponse answer = http_.send(sent);
    if (answer.status >= 200 && answer.status < 300) return std::move(answer.body);
    const bool busy = answer.status == 429 || answer.status == 503;
    if (!busy || attempt == kAttempts) throw error_of(answer, method + " " + sent.url);
    std::this_thread::sleep_for(std::chrono::milliseconds(100 << attempt));
  }
}

std::string Client::ensure_experiment(const std::string& name) {
  const std::string find = "mlflow/experiments/get-by-name" + query({{"experiment_name", name}});
  const auto id_of = [&](const std::string& answer) {
    const json::object experiment = member(answer, "experiment");
    if (json::find_string(experiment, "lifecycle_stage").value_or("active") == "deleted") {
      throw failed_precondition("experiment '", name, "' is deleted: restore it or use another name");
    }
    return json::get_string(experiment, "experiment_id");
  };
  try {
    return id_of(call("GET", find));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  try {
    return member_text(call("POST", "mlflow/experiments/create", json::write(json::object{{"name", name}})),
                       "experiment_id");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
  }
  return id_of(call("GET", find));  // somebody else was faster
}

std::string Client::create_run(const std::string& experiment_id, const std::string& run_name, const Texts& tags,
                               int64_t start_time_ms) {
  const json::object body{{"experiment_id", experiment_id},
                          {"run_name", run_name},
                          {"start_time", start_time_ms},
                          {"tags", pairs_json(tags)}};
  const json::object run = member(call("POST", "mlflow/runs/create", json::write(body)), "run");
  return json::get_string(json::get_object(run, "info"), "run_id");
}

void Client::log_batch(const std::string& run_id, const std::vector<LoggedMetric>& metrics, const Texts& params,
                       const Texts& tags) {
  const std::vector<Texts> param_chunks = chunks(params, kMaxParams);
  const std::vector<Texts> tag_chunks = chunks(tags, kMaxTags);
  const size_t metric_chunks = (metrics.size() + kMaxMetrics - 1) / kMaxMetrics;
  const size_t requests = std::max({metric_chunks, param_chunks.size(), tag_chunks.size()});
  for (size_t i = 0; i < requests; ++i) {
    json::object body{{"run_id", run_id}};
    json::array points;
    for (size_t m = i * kMaxMetrics; m < std::min(metrics.size(), (i + 1) * kMaxMetrics); ++m) {
      points.push_back(json::object{{"key", metrics[m].key},
                                    {"value", json::number(metrics[m].value)},
                                    {"timestamp", metrics[m].timestamp_ms},
                                    {"step", metrics[m].step}});
    }
    if (!points.empty()) body["metrics"] = std::move(points);
    if (i < param_chunks.size()) body["params"] = pairs_json(param_chunks[i]);
    if (i < tag_chunks.size()) body["tags"] = pairs_json(tag_chunks[i]);
    call("POST", "mlflow/runs/log-batch", json::write(body));
  }
}

void Client::finish_run(const std::string& run_id, const std::string& status, int64_t end_time_ms) {
  const json::object body{{"run_id", run_id}, {"status", status}, {"end_time", end_time_ms}};
  call("POST", "mlflow/runs/update", json::write(body));
}

Texts Client::run_tags(const std::string& run_id) {
  return read_pairs(run_data(call("GET", "mlflow/runs/get" + query({{"run_id", run_id}}))), "tags");
}

Texts Client::run_params(const std::string& run_id) {
  return read_pairs(run_data(call("GET", "mlflow/runs/get" + query({{"run_id", run_id}}))), "params");
}

std::map<std::string, double> Client::run_metrics(const std::string& run_id) {
  const json::object data = run_data(call("GET", "mlflow/runs/get" + query({{"run_id", run_id}})));
  std::map<std::string, double> out;
  const json::value* metrics = json::find(data, "metrics");
  if (metrics == nullptr || !metrics->is_array()) return out;
  for (const json::value& item : metrics->get_array()) {
    const json::object& metric = json::as_object(item, "a metric");
    out[json::get_string(metric, "key")] = json::get_double(metric, "value");
  }
  return out;
}

std::optional<std::string> Client::find_run_by_tag(const std::string& experiment, const std::string& key,
                                                   const std::string& value) {
  json::value document;
  try {
    const std::string found = call("GET", "mlflow/experiments/get-by-name" + query({{"experiment_name", experiment}}));
    const std::string id = json::get_string(member(found, "experiment"), "experiment_id");
    const json::object body{
        {"experiment_ids", json::array{json::value(id)}},
        {"filter", text::concat("tags.`", key, "` = '", value, "' and attributes.status = 'FINISHED'")},
        {"order_by", json::array{"attributes.start_time DESC"}},
        {"max_results", 1}};
    document = json::parse_lenient(call("POST", "mlflow/runs/search", json::write(body)));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return std::nullopt;
  }
  const json::value* runs = json::find(json::as_object(document, "the server's answer"), "runs");
  if (runs == nullptr || !runs->is_array() || runs->get_array().empty()) return std::nullopt;
  const json::object& run = json::as_object(runs->get_array()[0], "a run");
  return json::get_string(json::get_object(run, "info"), "run_id");
}

void Client::ensure_registered_model(const std::string& name) {
  try {
    call("POST", "mlflow/registered-models/create", json::write(json::object{{"name", name}}));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
  }
}

RemoteVersion Client::create_version(const std::string& name, const std::string& source, const std::string& run_id,
                                     const Texts& tags) {
  json::object body{{"name", name}, {"source", source}, {"tags", pairs_json(tags)}};
  if (!run_id.empty()) body["run_id"] = run_id;
  return read_version(member(call("POST", "mlflow/model-versions/create", json::write(body)), "model_version"));
}

void Client::set_alias(const std::string& name, const std::string& alias, const std::string& version) {
  const json::object body{{"name", name}, {"alias", alias}, {"version", version}};
  call("POST", "mlflow/registered-models/alias", json::write(body));
}

void Client::set_version_tag(const std::string& name, const std::string& version, const std::string& key,
                             const std::string& value) {
  const json::object body{{"name", name}, {"version", version}, {"key", key}, {"value", value}};
  call("POST", "mlflow/model-versions/set-tag", json::write(body));
}

std::optional<RemoteVersion> Client::find_by_alias(const std::string& name, const std::string& alias) {
  try {
    const std::string answer =
        call("GET", "mlflow/registered-models/alias" + query({{"name", name}, {"alias", alias}}));
    return read_version(member(answer, "model_version"));
  } catch (const Error& error) {
    // An unknown alias is told as an invalid parameter.
    const bool unknown = error.code() == ErrorCode::kInvalidArgument &&
                         std::string_view(error.what()).find("not found") != std::string_view::npos;
    if (error.code() != ErrorCode::kNotFound && !unknown) throw;
    return std::nullopt;
  }
}

RemoteVersion Client::get_version(const std::string& name, const std::string& version) {
  const std::string answer = call("GET", "mlflow/model-versions/get" + query({{"name", name}, {"version", version}}));
  return read_version(member(answer, "model_version"));
}

// "NAME@ALIAS", "NAME/3" or "NAME/latest".
RemoteVersion Client::resolve_version(const std::string& reference) {
  if (const size_t at = reference.find('@'); at != std::string::npos) {
    const std::string name = reference.substr(0, at);
    const std::string alias = reference.substr(at + 1);
    const auto found = find_by_alias(name, alias);
    if (!found) throw not_found("there is no models:/", reference, " on ", url_, ": no such model, or no such alias");
    return *found;
  }
  const size_t slash = reference.find('/');
  if (slash == std::string::npos) {
    throw invalid_argument("models:/", reference,
                           " must name an alias or a version: models:/NAME@ALIAS, models:/NAME/3");
  }
  const std::string name = reference.substr(0, slash);
  const std::string version = reference.substr(slash + 1);
  if (!text::equal_ignoring_case(version, "latest")) return get_version(name, version);
  const json::object model =
      member(call("GET", "mlflow/registered-models/get" + query({{"name", name}})), "registered_model");
  std::optional<RemoteVersion> newest;
  if (const json::value* versions = json::find(model, "latest_versions"); versions != nullptr && versions->is_array()) {
    for (const json::value& item : versions->get_array()) {
      RemoteVersion candidate = read_version(json::as_object(item, "a model version"));
      const auto number = text::parse_int(candidate.version).value_or(0);
      if (!newest || number > text::parse_int(newest->version).value_or(0)) newest = std::move(candidate);
    }
  }
  if (!newest) throw not_found("model '", name, "' has no version on ", url_);
  return *newest;
}

}  // namespace slipway::mlflow
