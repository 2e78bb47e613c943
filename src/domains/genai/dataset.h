// What an evaluation dataset is: questions that an application is tried on, with what is expected of the answers. Used
// by Datasets and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"

namespace slipway::genai {

using tracking::ExperimentId;
using tracking::Page;
using tracking::Search;
using tracking::Tag;

// "d-" and 32 hexadecimal digits.
using DatasetId = Id<struct DatasetIdTag>;
// "dr-" and 32 hexadecimal digits.
using RecordId = Id<struct RecordIdTag>;

// The tag by which a client says who it is.
inline constexpr std::string_view kUserTag = "mlflow.user";

struct Dataset {
  DatasetId id;
  std::string name;
  std::string digest;                 // another one after every change of records
  std::optional<std::string> schema;  // JSON: the fields of the records with their types
  int64_t record_count = 0;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::optional<std::string> created_by;
  std::optional<std::string> updated_by;
  std::vector<Tag> tags;
};

struct NewDataset {
  std::string name;
  std::vector<Tag> tags;
  std::vector<ExperimentId> experiments;
};

// Where a record comes from.
struct RecordSource {
  std::string type;         // TRACE, HUMAN, DOCUMENT, CODE or UNSPECIFIED
  std::string data = "{}";  // a JSON object
};

// The parts are JSON in the form of traces::normal_json.
struct Record {
  RecordId id;
  std::string inputs;
  std::optional<std::string> outputs;
  std::optional<std::string> expectations;
  std::string tags = "{}";
  std::optional<RecordSource> source;
  std::string source_id;  // of the trace or whatever it comes from; "": none
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::optional<std::string> created_by;
  std::optional<std::string> updated_by;
};

// What is put into a dataset. A record with the same inputs is changed: outputs are replaced, expectations and tags
// merged, what is not said stays.
struct NewRecord {
  std::string inputs = "{}";                // a JSON object
  std::optional<std::string> outputs;       // any JSON; "null" takes them away
  std::optional<std::string> expectations;  // a JSON object
  std::optional<std::string> tags;          // a JSON object
  std::optional<RecordSource> source;
};

struct UpsertCounts {
  int64_t inserted = 0;
  int64_t updated = 0;
};

}  // namespace slipway::genai
