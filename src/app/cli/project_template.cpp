#include "app/cli/project_template.h"

#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

using text::concat;

std::string identifier(const std::string& name) { return "\"" + text::replace_all(name, "\"", "\"\"") + "\""; }
std::string literal(const std::string& value) { return "'" + text::replace_all(value, "'", "''") + "'"; }
// For YAML and for the shell.
std::string quoted(const std::string& value) {
  const bool plain = !value.empty() &&
                     value.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_-") == std::string::npos &&
                     value.find_first_not_of("0123456789-") != std::string::npos;
  return plain ? value : literal(value);
}
std::string shell_word(const std::string& value) {
  return quoted(value) == value ? value : "'" + text::replace_all(value, "'", "'\\''") + "'";
}

std::string listed(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(quoted(name));
  return "[" + text::join(out, ", ") + "]";
}

std::string prepare_sql(const ProjectPlan& plan) {
  const std::string target = identifier(plan.target);
  const std::string order = plan.time_column.empty() ? "" : "ORDER BY " + identifier(plan.time_column);
  const std::string label = plan.positive.empty()
                                ? ""
                                : concat(" REPLACE (CAST(CAST(", target, " AS VARCHAR) = ", literal(plan.positive),
                                         " AS INTEGER) AS ", target, ")");
  // As text: DuckDB takes yes and no for truths.
  const std::string types = plan.positive.empty() ? "" : concat(", types = {", literal(plan.target), ": 'VARCHAR'}");
  const std::string source = plan.is_parquet
                                 ? concat("read_parquet(", literal(plan.raw), ")")
                                 : concat("read_csv(", literal(plan.raw), ", nullstr = ['', 'NA']", types, ")");
  const std::string id = identifier(plan.row_id);
  const std::string held =
      plan.time_column.empty() ? concat(id, " % 5 = 4") : concat(id, " >= (SELECT 0.8 * count(*) FROM rows)");
  return concat(
      "-- From the raw data to what the model learns from, in DuckDB's SQL: join tables and make features here.\n",
      "-- ", plan.time_column.empty() ? "Every fifth row" : "The latest fifth of the rows",
      " is held out: the model never sees it, it is judged on it, and it plays live traffic.\n",
      "CREATE TEMP TABLE rows AS\nSELECT row_number() OVER (", order, ") - 1 AS ", id, ", *", label, "\nFROM ", source,
      ";\n\n", "COPY (SELECT * EXCLUDE (", id, ") FROM rows WHERE NOT (", held, ") ORDER BY ", id,
      ") TO 'data/train.parquet';\n", "COPY (SELECT * EXCLUDE (", id, ") FROM rows WHERE ", held, " ORDER BY ", id,
      ") TO 'data/holdout.parquet';\n", "-- Played as traffic by `slipway replay`: one row a minute.\n",
      "COPY (SELECT *, TIMESTAMP '2024-01-01' + ", id, " * INTERVAL 1 MINUTE AS ", identifier(plan.arrival),
      " FROM rows WHERE ", held, " ORDER BY ", id, ") TO 'data/live.parquet';\n");
}

std::string dvc_yaml(const ProjectPlan& plan) {
  return concat("# The pipeline: `slipway repro` runs what changed, and so does `dvc repro`.\n",
                "stages:\n  prepare:\n", "    cmd: slipway sql prepare.sql\n    deps:\n    - ", plan.raw,
                "\n    - prepare.sql\n    outs:\n",
                "    - data/train.parquet\n    - data/holdout.parquet\n    - data/live.parquet\n", "  train:\n",
                "    cmd: slipway train --config train.yaml --data data/train.parquet --experiment ", plan.name,
                " --output model --metrics metrics.json\n",
                "    deps:\n    - data/train.parquet\n    - train.yaml\n    outs:\n    - model\n    metrics:\n",
                "    - metrics.json:\n        cache: false\n", "  evaluate:\n", "    cmd: >-\n",
                "      slipway evaluate model data/holdout.parquet --target ", shell_word(plan.target),
                " --gates gates.yaml --json evaluation.json\n", "    deps:\n    - model\n    - data/holdout.parquet\n",
                "    - gates.yaml\n    metrics:\n    - evaluation.json:\n        cache: false\n");
}

std::string train_yaml(const ProjectPlan& plan) {
  std::string out = concat("# What to learn, and how.\n", "target: ", quoted(plan.target), "\n");
  if (!plan.time_column.empty()) out += concat("time_column: ", quoted(plan.time_column), "\n");
  out += "split: {validate_fraction: 0.2}\n";
  if (!plan.left_out.empty()) {
    out += concat("# Ids, free text and times tell one row from another and say nothing about the next.\n",
                  "features: {exclude: ", listed(plan.left_out), "}\n");
  }
  return out +
         "learners: [logistic, lightgbm]   # the better one on the validation rows is kept\n"
         "metric: auc\n"
         "search: {trials: 4, seed: 1}\n"
         "rounds: 300\n"
         "early_stopping_rounds: 30\n";
}

std::string monitor_yaml(const ProjectPlan& plan) {
  return concat("# Each day of predictions is compared with what the model was validated on.\n", "name: ", plan.name,
                "\nmodel_name: ", plan.name, "\nwindow: 1d\n", "reference: {path: \"models:/", plan.name,
                "@champion/monitoring/reference.parquet\", score_column: probability}\n", "min_rows: 50\n", "rules:\n",
                "- {name: drift, metric: drift_share, op: \">=\", threshold: 0.5, for: 2}\n",
                "- {name: auc-low, metric: auc, op: \"<\", threshold: 0.55, for: 2, cool_down: 7d, action: {pipeline: ",
                plan.name, "-retrain}}\n");
}

std::string promotion(const ProjectPlan& plan) {
  return concat("slipway promote models:/", plan.name,
                "@challenger --to champion --data data/holdout.parquet --target ", shell_word(plan.target),
                " --gates gates.yaml");
}

std::string pipeline_yaml(const ProjectPlan& plan) {
  return concat(
      "# What the server does when the rule auc-low fires: make everything anew from the data that is there then,\n",
      "# and let the new model take the alias only if it passes the gates.\n", "name: ", plan.name,
      "-retrain\nsteps:\n- repro\n- register model --name ", plan.name, " --alias challenger\n- ",
      promotion(plan).substr(std::string("slipway ").size()), "\n");
}

constexpr std::string_view kGates =
    "# What a model has to reach, checked by `slipway evaluate` and `slipway promote`.\n"
    "gates:\n"
    "- {metric: auc, min: 0.55}\n"
    "- {metric: auc, against: champion, max_regression: 0.005}   # on the same rows\n";

}  // namespace

std::string next_steps(const ProjectPlan& plan) {
  const std::string& name = plan.name;
  return concat(
      "# a server for runs, models and monitors\n", "cd ", name, "\nexport SLIPWAY_SERVER=http://127.0.0.1:5000\n",
      "slipway server --data ../slipway-data >../server.log 2>&1 &\n\n",
      "# version the data, then prepare, train and judge\n", "git init -q && slipway init -q && slipway add ", plan.raw,
      "\nslipway repro\n\n", "# register the model and serve it\n", "slipway register model --name ", name,
      " --alias champion\n", "slipway serve models:/", name, "@champion --listen 127.0.0.1:8080 >../serve.log 2>&1 &\n",
      "curl -sf --retry 20 --retry-all-errors --retry-delay 1 -H 'Content-Type: application/json' -d @example.json "
      "http://127.0.0.1:8080/invocations\n\n",
      "# watch it: the rows that were held out arrive as traffic, their labels an hour later\n",
      "slipway pipeline apply pipeline.yaml && slipway monitor apply monitor.yaml\n",
      "slipway replay data/live.parquet --model ", name, " --to http://127.0.0.1:8080 --time-column ",
      shell_word(plan.arrival), " --id-column ", shell_word(plan.row_id), " --target ", shell_word(plan.target),
      " --label-delay 1h\n", "slipway monitor evaluate ", name, "\n\n",
      "# train a challenger and let the gates decide\n",
      "slipway train --config train.yaml --data data/train.parquet --experiment ", name,
      " --set search.trials=8 --set search.seed=2 --output challenger --register ", name, " --alias challenger\n",
      promotion(plan), "\nslipway story ", name, "\n");
}

std::vector<std::pair<std::string, std::string>> project_files(const ProjectPlan& plan) {
  const std::string readme =
      concat("# ", plan.name, "\n\nA model of `", plan.target,
             "`, from the data to production, one step after another:\n\n```sh\n", next_steps(plan),
             "```\nEvery file here is yours to change; `slipway repro` runs what a change touches.\n");
  return {{"prepare.sql", prepare_sql(plan)},
          {"dvc.yaml", dvc_yaml(plan)},
          {"train.yaml", train_yaml(plan)},
          {"gates.yaml", std::string(kGates)},
          {"monitor.yaml", monitor_yaml(plan)},
          {"pipeline.yaml", pipeline_yaml(plan)},
          {"example.json", concat("{\"dataframe_records\": [", plan.example_row, "]}\n")},
          {"README.md", readme},
          {".gitignore", "/slipway-predictions\n/challenger\n"}};
}

}  // namespace slipway::cli
