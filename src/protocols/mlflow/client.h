// A client of MLflow's REST API, as Slipway's own command line uses it to log runs, store artifacts, register models
// and fetch them again: the same calls any MLflow client makes, so the commands work against any MLflow server.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/http/client.h"

namespace slipway::mlflow {

struct LoggedMetric {
  std::string key;
  double value = 0;
  int64_t timestamp_ms = 0;
  int64_t step = 0;
};

struct RemoteVersion {
  std::string name;
  std::string version;
  std::string run_id;
  std::string source;
  std::map<std::string, std::string> tags;
  std::vector<std::string> aliases;
};

class Client {
 public:
  // `url` as in MLFLOW_TRACKING_URI; `authorization` is the whole header ("Bearer ..."), empty for none.
  Client(http::Client& http, std::string url, std::string authorization = "");

  // Finds the experiment or creates it; returns its id.
  std::string ensure_experiment(const std::string& name);
  std::string create_run(const std::string& experiment_id, const std::string& run_name,
                         const std::map<std::string, std::string>& tags, int64_t start_time_ms);
  // Splits into requests within MLflow's limits.
  void log_batch(const std::string& run_id, const std::vector<LoggedMetric>& metrics,
                 const std::map<std::string, std::string>& params, const std::map<std::string, std::string>& tags);
  void finish_run(const std::string& run_id, const std::string& status, int64_t end_time_ms);
  std::map<std::string, std::string> run_tags(const std::string& run_id);
  std::map<std::string, std::string> run_params(const std::string& run_id);
  std::map<std::string, double> run_metrics(const std::string& run_id);
  // The newest finished run of the experiment that carries the tag; absent when the experiment is.
  std::optional<std::string> find_run_by_tag(const std::string& experiment, const std::string& key,
                                             const std::string& value);

  // Uploads a file or a whole folder below the run's artifact path; downloads the other way.
  void upload(const std::string& run_id, const std::string& local_path, const std::string& artifact_path);
  void download(const std::string& artifact_uri, const std::string& local_folder);

  void ensure_registered_model(const std::string& name);
  RemoteVersion create_version(const std::string& name, const std::string& source, const std::string& run_id,
                               const std::map<std::string, std::string>& tags);
  void set_alias(const std::string& name, const std::string& alias, const std::string& version);
  void set_version_tag(const std::string& name, const std::string& version, const std::string& key,
                       const std::string& value);
  std::optional<RemoteVersion> find_by_alias(const std::string& name, const std::string& alias);
  RemoteVersion get_version(const std::string& name, const std::string& version);

  struct ResolvedModel {
    std::string folder;                    // local model directory
    std::optional<RemoteVersion> version;  // for models:/ addresses
  };
  // MODEL of the command line: models:/NAME@ALIAS, models:/NAME/3, models:/NAME/latest, runs:/ID/PATH. Downloads below
  // `cache_folder`, once per version.
  ResolvedModel fetch_model(const std::string& model_uri, const std::string& cache_folder);

  // Any call, for whom the ones above are not enough: the path below /api/2.0 ("mlflow/runs/get?run_id=..."), or
  // from the root when it begins with a slash ("/api/3.0/mlflow/traces/search").
  std::string get(const std::string& path);
  std::string post(const std::string& path, const std::string& body);
  // What the server keeps for its clients, by plain paths below its root; none for a folder that is not there.
  struct ProxiedEntry {
    std::string name;
    bool is_folder = false;
    uint64_t size_bytes = 0;
  };
  std::vector<ProxiedEntry> list_proxied(const std::string& folder);
  void download_proxied(const std::string& path, const std::string& local_path);

 private:
  // Answers with the body of a 2xx; throws the server's error otherwise. Waits and repeats while the server is busy.
  std::string call(const std::string& method, const std::string& path, const std::string& body = "");
  http::ClientRequest request(const std::string& method, const std::string& url) const;
  std::string artifact_root(const std::string& run_id);
  // Where an artifact lies below the server's artifact proxy, percent-encoded.
  std::string proxy_path(const std::string& artifact_uri);
  void upload_file(const std::string& local_path, const std::string& proxied);
  void download_file(const std::string& proxied, const std::string& local_path);
  void download_below(const std::string& proxied, const std::string& local_path, int depth);
  RemoteVersion resolve_version(const std::string& reference);

  http::Client& http_;
  std::string url_;
  std::string authorization_;
};

}  // namespace slipway::mlflow
