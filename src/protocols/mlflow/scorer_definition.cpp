#include "protocols/mlflow/scorer_definition.h"

#include <optional>

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::mlflow {

namespace {

constexpr std::string_view kJudge = "instructions_judge_pydantic_data";

const json::object* find_part(const json::object& scorer, std::string_view name) {
  const json::value* found = scorer.if_contains(name);
  const json::object* part = found == nullptr ? nullptr : found->if_object();
  return part == nullptr || part->empty() ? nullptr : part;
}

// Absent and null are alike.
const json::value* find_model(const json::object& scorer) {
  for (const std::string_view kind : {kJudge, std::string_view("builtin_scorer_pydantic_data")}) {
    if (const auto* part = find_part(scorer, kind)) return json::find(*part, "model");
  }
  if (const auto* wrapped = find_part(scorer, "memory_augmented_judge_data")) {
    const auto* judge = find_part(*wrapped, "base_judge");
    return judge == nullptr ? nullptr : find_model(*judge);
  }
  const auto* foreign = find_part(scorer, "third_party_scorer_data");
  return foreign == nullptr ? nullptr : json::find(*foreign, "model");
}

bool carries_code(const json::value& value) {
  if (const auto* list = value.if_array()) {
    for (const json::value& item : *list) {
      if (carries_code(item)) return true;
    }
  }
  if (const auto* object = value.if_object()) {
    if (json::find(*object, "call_source") != nullptr) return true;
    for (const auto& member : *object) {
      if (carries_code(member.value())) return true;
    }
  }
  return false;
}

json::object parse_scorer(const std::string& definition) {
  std::optional<json::value> document;
  try {
    document = json::parse_lenient(definition);
  } catch (const Error& error) {
    throw invalid_argument("serialized_scorer must be valid JSON: ", error.what());
  }
  return json::as_object(*document, "serialized_scorer");
}

// "{{ expectations }}", with or without the blanks.
bool asks_for_expectations(std::string_view instructions) {
  for (size_t open = instructions.find("{{"); open != std::string_view::npos;
       open = instructions.find("{{", open + 1)) {
    const size_t close = instructions.find("}}", open);
    if (close == std::string_view::npos) return false;
    if (text::trim(instructions.substr(open + 2, close - open - 2)) == "expectations") return true;
  }
  return false;
}

}  // namespace

void check_scorer(const std::string& definition) {
  const json::object scorer = parse_scorer(definition);
  if (carries_code(scorer)) {
    throw invalid_argument(
        "a scorer made with the decorator @scorer carries code that whoever loads it runs, so it cannot be "
        "registered; keep it in your own sources, or use a built-in scorer or make_judge()");
  }
  const json::value* model = find_model(scorer);
  if (model == nullptr) return;
  if (!model->is_string()) throw invalid_argument("Scorer model must be a string.");
  if (text::trim(std::string_view(model->get_string())).empty())
    throw invalid_argument("Scorer model cannot be empty or contain only whitespace.");
}

void check_scores_online(const std::string& name, const std::string& definition) {
  const json::object scorer = parse_scorer(definition);
  const json::value* model = find_model(scorer);
  const bool is_behind_gateway =
      model != nullptr && model->is_string() && std::string_view(model->get_string()).starts_with("gateway:/");
  if (!is_behind_gateway) {
    throw invalid_argument("Scorer '", name,
                           "' does not use a gateway model; only those can judge new traces as they come.");
  }
  const json::object* judge = find_part(scorer, kJudge);
  const json::value* instructions = judge == nullptr ? nullptr : json::find(*judge, "instructions");
  if (instructions != nullptr && instructions->is_string() && asks_for_expectations(instructions->get_string())) {
    throw invalid_argument("Scorer '", name,
                           "' requires expectations, which is not currently supported for new traces: they have none.");
  }
}

}  // namespace slipway::mlflow
