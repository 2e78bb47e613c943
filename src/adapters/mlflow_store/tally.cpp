#include "adapters/mlflow_store/tally.h"

#include <algorithm>

namespace slipway::mlflow_store {

namespace {
constexpr std::array<std::string_view, kKinds> kNames = {"experiments",
                                                         "experiment tags",
                                                         "runs",
                                                         "params",
                                                         "tags",
                                                         "metric points",
                                                         "latest metrics",
                                                         "dataset inputs",
                                                         "dataset input tags",
                                                         "model inputs, outputs",
                                                         "logged models",
                                                         "logged model params",
                                                         "logged model tags",
                                                         "logged model metrics",
                                                         "registered models, prompts",
                                                         "registered model tags",
                                                         "aliases",
                                                         "model versions",
                                                         "model version tags",
                                                         "traces",
                                                         "trace tags",
                                                         "trace metadata",
                                                         "spans",
                                                         "assessments",
                                                         "trace links",
                                                         "evaluation datasets",
                                                         "evaluation dataset tags",
                                                         "evaluation dataset uses",
                                                         "evaluation records",
                                                         "scorers",
                                                         "scorer versions",
                                                         "online scorings",
                                                         "issues",
                                                         "artifact files"};
}  // namespace

std::string_view name_of(Kind kind) { return kNames[static_cast<size_t>(kind)]; }

void Report::add_problem(std::string text) {
  ++problem_count;
  if (problems.size() < kMaxProblems) problems.push_back(std::move(text));
}

bool Report::is_complete() const {
  bool complete = problem_count == 0;
  for (size_t i = 0; i < kKinds; ++i) complete = complete && tally[static_cast<Kind>(i)].is_complete();
  return complete;
}

}  // namespace slipway::mlflow_store
