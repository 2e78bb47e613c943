#include <cmath>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/model_source.h"
#include "domains/evaluation/report.h"
#include "domains/serving/runtime.h"
#include "domains/training/dataset.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

struct EvaluateFlags {
  std::string model;
  std::string data;
  std::string target;
  std::string gates;
  std::string against;
  std::vector<std::string> slices;
  double threshold = 0.5;
  int64_t min_rows = 100;
  std::string json;
  bool as_json = false;
  std::string junit;
  std::string server;
};

// The rows that have a label, and their labels.
struct Labelled {
  tables::Table rows;
  std::vector<uint8_t> labels;
  int64_t unlabelled = 0;
};

Labelled read_labelled(const EvaluateFlags& flags) {
  tables::Table all = tables::read_table(flags.data);
  const std::vector<uint8_t> labels = training::read_labels(all, flags.target);
  Labelled labelled;
  std::vector<size_t> rows;
  for (size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] > 1) continue;
    rows.push_back(row);
    labelled.labels.push_back(labels[row]);
  }
  if (rows.empty()) throw invalid_argument("no row of ", flags.data, " has a label in column '", flags.target, "'");
  labelled.unlabelled = static_cast<int64_t>(labels.size() - rows.size());
  labelled.rows = labelled.unlabelled == 0 ? std::move(all) : all.take(rows);
  return labelled;
}

std::vector<double> score(const std::string& folder, const tables::Table& rows) {
  const auto runtime = serving::open_runtime(folder);
  const tables::Table predictions = runtime->predict(rows);
  const auto scores = predictions.columns().at(0).doubles();
  for (size_t row = 0; row < scores.size(); ++row) {
    if (scores[row] >= 0 && scores[row] <= 1) continue;
    throw invalid_argument("the model's '", predictions.columns()[0].name(), "' of row ", row + 1, " is ", scores[row],
                           ", no probability: evaluate takes binary classifiers");
  }
  return {scores.begin(), scores.end()};
}

// An alias that points nowhere yet is no champion; anything else that cannot be found is a mistake.
std::optional<std::vector<double>> champion_scores(const EvaluateFlags& flags, const tables::Table& rows) {
  if (flags.against.empty()) return std::nullopt;
  try {
    return score(locate_model(flags.against, flags.server).folder, rows);
  } catch (const Error& error) {
    const bool alias = flags.against.starts_with("models:/") && flags.against.find('@') != std::string::npos;
    if (error.code() != ErrorCode::kNotFound || !alias) throw;
    std::cerr << "slipway: " << flags.against << " does not exist yet, so nothing is compared with it\n";
    return std::nullopt;
  }
}

void print(const evaluation::Evaluation& result) {
  const auto named = evaluation::named_values(result.metrics);
  const auto champion = result.champion ? evaluation::named_values(*result.champion) : evaluation::NamedValues{};
  std::cout << result.model << " on " << result.metrics.rows << " rows of " << result.data << ", "
            << result.metrics.positives << " positive\n";
  for (size_t i = 0; i < named.size(); ++i) {
    std::cout << "  " << named[i].first << std::string(20 - named[i].first.size(), ' ')
              << text::format_fixed(named[i].second, 4);
    if (!champion.empty()) std::cout << "   champion " << text::format_fixed(champion[i].second, 4);
    std::cout << '\n';
  }
  for (const evaluation::Slice& slice : result.slices) {
    std::cout << "  " << slice.column << "=" << slice.value << ": auc " << text::format_fixed(slice.metrics.auc, 4)
              << ", log_loss " << text::format_fixed(slice.metrics.log_loss, 4) << ", " << slice.metrics.rows
              << " rows\n";
  }
  if (!result.verdict) return;
  for (const evaluation::GateResult& gate : result.verdict->results) {
    std::cout << (gate.skipped  ? "skipped "
                  : gate.passed ? "passed  "
                                : "FAILED  ")
              << (gate.slice.empty() ? "" : gate.slice + ": ") << gate.reason << '\n';
  }
  std::cout << (result.verdict->passed ? "all gates passed\n" : "the gates refuse this model\n");
}

evaluation::Evaluation compute(const EvaluateFlags& flags) {
  std::optional<evaluation::Gates> gates;
  if (!flags.gates.empty()) gates = evaluation::parse_gates(files::read(flags.gates));
  const LocalModel model = locate_model(flags.model, flags.server);
  const Labelled data = read_labelled(flags);
  const std::vector<double> scores = score(model.folder, data.rows);
  const auto champion = champion_scores(flags, data.rows);
  const double threshold = gates ? gates->threshold : flags.threshold;

  evaluation::Evaluation result;
  result.model = flags.model;
  result.data = flags.data;
  result.target = flags.target;
  result.unlabelled_rows = data.unlabelled;
  result.metrics = evaluation::binary_metrics(scores, data.labels, threshold);
  result.calibration = evaluation::calibration(scores, data.labels);
  result.roc = evaluation::roc_curve(scores, data.labels);
  if (champion) {
    result.against = flags.against;
    result.champion = evaluation::binary_metrics(*champion, data.labels, threshold);
  }
  for (const std::string& column : flags.slices) {
    for (auto& slice : evaluation::slice_metrics(data.rows, column, scores, data.labels, threshold, flags.min_rows)) {
      result.slices.push_back(std::move(slice));
    }
  }
  if (gates) {
    evaluation::Evaluated evaluated;
    evaluated.table = &data.rows;
    evaluated.scores = scores;
    evaluated.labels = data.labels;
    if (champion) evaluated.champion_scores = *champion;
    result.verdict = evaluation::judge(*gates, evaluated);
  }
  return result;
}

int evaluate(const EvaluateFlags& flags) {
  const evaluation::Evaluation result = compute(flags);
  if (!flags.json.empty()) files::write_atomic(flags.json, evaluation::to_json(result));
  if (!flags.junit.empty()) {
    files::write_atomic(flags.junit, evaluation::to_junit(result.verdict.value_or(evaluation::Verdict{})));
  }
  if (flags.as_json && flags.json.empty()) {
    std::cout << evaluation::to_json(result);
  } else {
    print(result);
  }
  return result.verdict && !result.verdict->passed ? kExitFailed : kExitOk;
}

}  // namespace

Command evaluate_command() {
  Command command;
  command.name = "evaluate";
  command.group = "Models";
  command.summary = "Score a model on labelled rows and judge it by gates; exit code 1 when a gate fails";
  command.example =
      "  slipway evaluate model/ test.parquet --target late --gates gates.yaml --against models:/flights@champion "
      "--slices carrier,origin --json evaluation.json --junit gates.xml";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<EvaluateFlags>();
    app.add_option("model", flags->model, "models:/NAME@ALIAS, models:/NAME/3, runs:/RUN_ID/PATH or a folder")
        ->required();
    app.add_option("data", flags->data, "Table with labels: .csv, .parquet or .arrow")->required();
    app.add_option("--target", flags->target, "Label column, 0/1 or true/false; rows without a label are left out")
        ->required();
    app.add_option("--gates", flags->gates, "Gates file; without it nothing is judged");
    app.add_option("--against", flags->against, "Champion to compare with; an alias that points nowhere is none");
    app.add_option("--slices", flags->slices, "Columns to report per value, separated by commas")->delimiter(',');
    app.add_option("--min-rows", flags->min_rows, "Smallest slice to report")->check(CLI::Range(1, 1'000'000'000));
    app.add_option("--threshold", flags->threshold, "Of the predicted class, unless the gates file has one")
        ->check(CLI::Range(0.0, 1.0));
    CLI::Option* json = app.add_option("--json", flags->json, "Write the result as JSON to a file, or print it")
                            ->expected(0, 1)
                            ->type_name("[FILE]");
    app.add_option("--junit", flags->junit, "Write the verdict as JUnit XML to a file");
    app.add_option("--server", flags->server, "URL of the server that knows the models");
    return [flags, json] {
      flags->as_json = json->count() > 0;
      return evaluate(*flags);
    };
  };
  return command;
}

}  // namespace slipway::cli
