#include <memory>

#include "app/cli/all.h"
#include "app/cli/report_command.h"

namespace slipway::cli {

Command metrics_command() {
  return data_command("metrics", "Show metrics, and how they differ between revisions",
                      "  slipway metrics diff main --json", [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<ReportFlags>();
                        parser.require_subcommand(1);
                        CLI::App* show = parser.add_subcommand("show", "Print metrics of the workspace and of commits");
                        declare_show(*show, *flags);
                        CLI::App* diff = parser.add_subcommand("diff", "Compare two revisions");
                        declare_diff(*diff, *flags, data::ReportKind::kMetrics);
                        return [flags, show] {
                          return show->parsed() ? run_show(*flags, data::ReportKind::kMetrics)
                                                : run_diff(*flags, data::ReportKind::kMetrics);
                        };
                      });
}

}  // namespace slipway::cli
