// MLflow's JSON for evaluation datasets, scorers and issues, both ways. Used by their handlers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/genai/dataset.h"
#include "domains/genai/issue.h"
#include "domains/genai/scorer.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

// Like those of messages.h.
void write(JsonWriter& json, std::string_view name, const genai::Dataset& dataset);
// For an object that has more members: those of the dataset.
void write_members(JsonWriter& json, const genai::Dataset& dataset);
void write(JsonWriter& json, std::string_view name, const genai::ScorerVersion& version);
void write(JsonWriter& json, std::string_view name, const genai::OnlineScoring& scoring);
void write(JsonWriter& json, std::string_view name, const genai::Issue& issue);
// A JSON list, which clients get as a text.
std::string records_text(const genai::DatasetId& dataset, const std::vector<genai::Record>& records);

// The two texts that hold JSON; both throw invalid_argument for anything else. Tags without a value are left out.
std::vector<genai::NewRecord> read_records(const std::string& list);
std::vector<tracking::Tag> read_json_tags(const std::string& object);
genai::Issue read_issue(const Input& input);

}  // namespace slipway::mlflow
