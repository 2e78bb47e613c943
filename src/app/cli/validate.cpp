#include "domains/validation/validate.h"

#include <iostream>
#include <memory>

#include "app/cli/all.h"

namespace slipway::cli {

namespace {

struct ValidateCommandOptions {
  std::string data;
  std::string schema;
  validation::ValidateOptions validate;
  bool as_json = false;
};

int run_validate(const ValidateCommandOptions& options) {
  const validation::Schema schema = validation::read_schema(options.schema);
  const tables::Table table = validation::read_for_schema(options.data, schema);
  const validation::Verdict verdict = [&] {
    Progress progress("Validating " + options.data, schema.columns.size());
    return validation::validate(table, schema, options.validate, &progress);
  }();
  std::cout << (options.as_json ? validation::to_json(verdict) : validation::to_text(verdict, options.data));
  return verdict.is_valid() ? kExitOk : kExitFailed;
}

}  // namespace

Command validate_command() {
  return {"validate", "Tables", "Hold a table against a schema; exit code 1 when it does not fit",
          "  slipway validate new.csv --schema schema.yaml --json", [](CLI::App& app) -> Action {
            auto options = std::make_shared<ValidateCommandOptions>();
            app.add_option("DATA", options->data, "CSV, Parquet or Arrow file")->required();
            app.add_option("--schema", options->schema, "YAML made by `slipway schema`")->required();
            app.add_option("--max-rows-shown", options->validate.max_examples, "Rows shown for each anomaly")
                ->capture_default_str();
            app.add_flag("--json", options->as_json, "Print the verdict as JSON");
            return [options] { return run_validate(*options); };
          }};
}

}  // namespace slipway::cli
