#include "domains/validation/schema.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "domains/validation/infer.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/yaml.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

struct SchemaOptions {
  std::string data;
  std::string output;
  validation::InferOptions infer;
  bool without_ranges = false;
  bool overwrite = false;
  bool as_json = false;
};

int run_schema(SchemaOptions options) {
  // A schema is edited by hand; inferring again must not wipe that away.
  if (!options.output.empty() && files::exists(options.output) && !options.overwrite) {
    throw already_exists(options.output, " exists and may have been edited; add --force to write over it");
  }
  options.infer.with_ranges = !options.without_ranges;
  tables::ReadOptions read;
  read.show_progress = true;
  const tables::Table table = tables::read_table(options.data, read);
  const validation::Schema schema = [&] {
    Progress progress("Looking at " + options.data, table.column_count());
    return validation::infer_schema(table, options.infer, &progress);
  }();
  const std::string name = std::filesystem::path(options.data).filename().string();
  const std::string yaml = validation::write_schema(schema, name);
  if (!options.output.empty()) files::write_atomic(options.output, yaml);
  if (options.as_json) {
    std::cout << json::write_pretty(json::parse_yaml(yaml));
  } else if (options.output.empty()) {
    std::cout << yaml;
  } else {
    std::cout << "wrote " << options.output << ": " << schema.columns.size() << " columns\n";
  }
  return kExitOk;
}

}  // namespace

Command schema_command() {
  return {"schema", "Tables", "Infer what a table should look like, as YAML to edit",
          "  slipway schema flights.csv -o schema.yaml", [](CLI::App& app) -> Action {
            auto options = std::make_shared<SchemaOptions>();
            app.add_option("DATA", options->data, "CSV, Parquet or Arrow file that is known to be good")->required();
            app.add_option("-o,--output", options->output, "Write the schema to this file");
            app.add_option("--widen", options->infer.widen, "Allow ranges this part of their width more on either side")
                ->check(CLI::Range(0.0, 1e6))
                ->capture_default_str();
            app.add_flag("--no-ranges", options->without_ranges, "Infer no limits for numbers");
            app.add_option("--max-values", options->infer.max_values, "Most values of a text column that is a choice")
                ->capture_default_str();
            app.add_flag("--force", options->overwrite, "Write over an existing file");
            app.add_flag("--json", options->as_json, "Print the schema as JSON");
            return [options] { return run_schema(*options); };
          }};
}

}  // namespace slipway::cli
