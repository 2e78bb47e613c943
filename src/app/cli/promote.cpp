#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/settings.h"
#include "domains/evaluation/report.h"
#include "domains/serving/runtime.h"
#include "domains/training/dataset.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/tables/io.h"
#include "protocols/mlflow/client.h"

namespace slipway::cli {

namespace {

struct PromoteFlags {
  std::string challenger;
  std::string alias = "champion";
  std::string gates;
  std::string from;
  std::string until;
  std::string data;
  std::string target = "label";
  std::string server;
  bool exit_zero = false;
  bool as_json = false;
};

// A model and its scores on the rows of the comparison.
struct Contender {
  mlflow::RemoteVersion version;
  std::vector<double> scores;
};

int64_t time_of(const std::string& flag, const std::string& value) {
  const auto time = text::parse_time_ms(value);
  if (!time) throw invalid_argument(flag, " takes a time as in 2013-09-01 or 2013-09-01T05:00:00Z, got '", value, "'");
  return *time;
}

// The rows that both are judged on: a file, or what the server saw between two moments with the labels that have come.
tables::Table comparison_rows(Api& api, const std::string& model, const PromoteFlags& flags) {
  if (!flags.data.empty()) return tables::read_table(flags.data);
  if (flags.from.empty() || flags.until.empty()) {
    throw invalid_argument(
        "which rows? give --from and --until for the server's recent predictions, or --data FILE with --target");
  }
  return tables::read_parquet(api.get(text::concat(
      "/api/slipway/v1/models/", http::percent_encode(model), "/recent?labelled=true&format=parquet&from_ms=",
      time_of("--from", flags.from), "&to_ms=", time_of("--until", flags.until))));
}

std::vector<double> score(mlflow::Client& client, const std::string& address, const tables::Table& rows) {
  const auto runtime = serving::open_runtime(client.fetch_model(address, model_cache_folder()).folder);
  const tables::Table predictions = runtime->predict(rows);
  const tables::Column& probability = predictions.get("probability");
  return {probability.doubles().begin(), probability.doubles().end()};
}

std::vector<uint8_t> labels_of(const tables::Table& rows, const std::string& target) {
  std::vector<uint8_t> labels = training::read_labels(rows, target);
  const auto missing = std::find_if(labels.begin(), labels.end(), [](uint8_t label) { return label > 1; });
  if (missing != labels.end()) {
    throw invalid_argument("row ", missing - labels.begin() + 1, " has no label in column ", target);
  }
  return labels;
}

std::string sentence_of(const evaluation::GateResult& gate) {
  return gate.slice.empty() ? gate.reason : text::concat(gate.slice, ": ", gate.reason);
}

// One sentence: what failed, or what was reached.
std::string reason_of(const evaluation::Verdict& verdict, const evaluation::Evaluation& result) {
  std::string failures;
  for (const evaluation::GateResult& gate : verdict.results) {
    if (!gate.passed) failures.append(failures.empty() ? "" : "; ").append(sentence_of(gate));
  }
  if (!failures.empty()) return failures;
  std::string out = text::concat("all ", verdict.results.size(), " gates passed on ", result.metrics.rows,
                                 " rows: AUC ", text::format_fixed(result.metrics.auc, 4));
  if (result.champion) out.append(text::concat(", the champion's was ", text::format_fixed(result.champion->auc, 4)));
  return out;
}

void print_decision(const json::object& decision, const evaluation::Verdict& verdict) {
  for (const evaluation::GateResult& gate : verdict.results) {
    if (gate.skipped) continue;
    std::cout << (gate.passed ? "passed  " : "FAILED  ") << sentence_of(gate) << '\n';
  }
  std::cout << json::get_string(decision, "verdict") << ": " << json::get_string(decision, "reason") << '\n';
}

int promote(const PromoteFlags& flags) {
  Api api(flags.server);
  mlflow::Client client(api.http(), api.url(), server_authorization());
  const auto resolved = client.fetch_model(flags.challenger, model_cache_folder());
  if (!resolved.version)
    throw invalid_argument("a challenger is addressed as models:/NAME@ALIAS or models:/NAME/VERSION");
  Contender challenger;
  challenger.version = *resolved.version;
  const std::string model = challenger.version.name;
  const auto champion_version = client.find_by_alias(model, flags.alias);
  const tables::Table rows = comparison_rows(api, model, flags);
  if (rows.rows() == 0) throw failed_precondition("there are no labelled rows to judge on");
  const std::vector<uint8_t> labels = labels_of(rows, flags.target);
  challenger.scores = score(client, text::concat("models:/", model, "/", challenger.version.version), rows);

  evaluation::Evaluated evaluated;
  evaluated.table = &rows;
  evaluated.scores = challenger.scores;
  evaluated.labels = labels;
  evaluation::Evaluation result;
  result.model = text::concat("models:/", model, "/", challenger.version.version);
  result.data = flags.data.empty() ? text::concat("predictions from ", flags.from, " until ", flags.until) : flags.data;
  result.target = flags.target;
  result.metrics = evaluation::binary_metrics(challenger.scores, labels);
  Contender champion;
  if (champion_version) {
    champion.version = *champion_version;
    champion.scores = score(client, text::concat("models:/", model, "/", champion.version.version), rows);
    evaluated.champion_scores = champion.scores;
    result.against = text::concat("models:/", model, "/", champion.version.version);
    result.champion = evaluation::binary_metrics(champion.scores, labels);
  }
  const evaluation::Verdict verdict = evaluation::judge(evaluation::parse_gates(files::read(flags.gates)), evaluated);
  result.verdict = verdict;

  const char* pipeline_run = std::getenv("SLIPWAY_PIPELINE_RUN");
  const json::object body = {{"alias", flags.alias},
                             {"challenger_version", challenger.version.version},
                             {"champion_version", champion.version.version},
                             {"promote", verdict.passed},
                             {"reason", reason_of(verdict, result)},
                             {"report", json::parse(evaluation::to_json(result))},
                             {"pipeline_run", pipeline_run == nullptr ? "" : pipeline_run},
                             {"window_start_ms", flags.from.empty() ? 0 : time_of("--from", flags.from)},
                             {"window_end_ms", flags.until.empty() ? 0 : time_of("--until", flags.until)}};
  const std::string answer =
      api.post(text::concat("/api/slipway/v1/models/", http::percent_encode(model), "/decisions"), json::write(body));
  if (flags.as_json) {
    std::cout << answer << '\n';
  } else {
    print_decision(json::parse(answer).as_object(), verdict);
  }
  return verdict.passed || flags.exit_zero ? kExitOk : kExitFailed;
}

}  // namespace

Command promote_command() {
  Command command;
  command.name = "promote";
  command.group = "Models";
  command.summary = "Compare a challenger with the champion on the same rows; move the alias when every gate passes";
  command.example =
      "  slipway promote models:/flights@challenger --to champion --from 2013-10-01 --until 2013-10-15 --gates "
      "gates.yaml";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<PromoteFlags>();
    app.add_option("challenger", flags->challenger, "models:/NAME@ALIAS or models:/NAME/VERSION")->required();
    app.add_option("--to", flags->alias, "The alias at stake");
    app.add_option("--gates", flags->gates, "Gates file")->required();
    app.add_option("--from", flags->from, "Judge on predictions the server saw from this moment on");
    app.add_option("--until", flags->until, "... and before this one");
    app.add_option("--data", flags->data, "Judge on this file instead");
    app.add_option("--target", flags->target, "Label column");
    app.add_option("--server", flags->server, "URL of the server");
    app.add_flag("--exit-zero", flags->exit_zero, "Exit with 0 for a refusal too; the decision is recorded either way");
    app.add_flag("--json", flags->as_json, "Print the decision as JSON");
    return [flags] { return promote(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
