#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/model_source.h"
#include "domains/serving/runtime.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

struct PredictFlags {
  std::string model;
  std::string input;
  std::string output;
  std::vector<std::string> keep;
  std::string server;
  bool as_json = false;
};

// Columns of the input that go into the output too; "*" is all of them.
std::vector<std::string> kept_columns(const tables::Table& rows, const std::vector<std::string>& keep) {
  if (keep != std::vector<std::string>{"*"}) return keep;
  std::vector<std::string> names;
  for (const tables::Column& column : rows.columns()) names.push_back(column.name());
  return names;
}

int predict(const PredictFlags& flags) {
  tables::format_of(flags.output);  // a wrong extension is told before the work
  const LocalModel model = locate_model(flags.model, flags.server);
  const auto runtime = serving::open_runtime(model.folder);
  const tables::Table rows = tables::read_table(flags.input);
  const int64_t started_ms = steady_ms();
  const tables::Table predictions = runtime->predict(rows);
  const int64_t duration_ms = steady_ms() - started_ms;
  tables::Table output = rows.select(kept_columns(rows, flags.keep));
  for (const tables::Column& column : predictions.columns()) output.add(column);
  tables::write_table(output, flags.output);
  if (flags.as_json) {
    std::cout << json::write_pretty(
        json::object{{"rows", predictions.rows()}, {"output", flags.output}, {"predict_duration_ms", duration_ms}});
  } else {
    std::cout << predictions.rows() << " predictions in " << text::format_duration_ms(duration_ms) << ", written to "
              << flags.output << '\n';
  }
  return kExitOk;
}

}  // namespace

Command predict_command() {
  Command command;
  command.name = "predict";
  command.group = "Models";
  command.summary = "Predict for every row of a table";
  command.example = "  slipway predict models:/flights@champion --input october.parquet --output predictions.parquet";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<PredictFlags>();
    app.add_option("model", flags->model, "models:/NAME@ALIAS, models:/NAME/3, runs:/RUN_ID/PATH or a folder")
        ->required();
    app.add_option("--input", flags->input, "Table to predict for: .csv, .parquet or .arrow")->required();
    app.add_option("--output", flags->output, "File to write: .csv, .parquet or .arrow")->required();
    app.add_option("--keep", flags->keep, "Columns of the input to write too, separated by commas; * for all")
        ->delimiter(',');
    app.add_option("--server", flags->server, "URL of the server that knows the model");
    app.add_flag("--json", flags->as_json, "Print the outcome as JSON");
    return [flags] { return predict(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
