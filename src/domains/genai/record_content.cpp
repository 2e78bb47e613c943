#include "domains/genai/record_content.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/json_stream.h"

namespace slipway::genai {

namespace {

constexpr size_t kMaxFields = 1000;
constexpr std::array<std::string_view, 5> kSourceTypes = {"TRACE", "HUMAN", "DOCUMENT", "CODE", "UNSPECIFIED"};

std::string normal_object(const std::string& json, std::string_view part) {
  std::string out = traces::normal_json(json);
  if (!out.starts_with('{')) throw invalid_argument("the ", part, " of a record must be a JSON object, got ", out);
  return out;
}

void make_normal(std::optional<std::string>& json, std::string_view part) {
  if (json && traces::normal_json(*json) == "null") json.reset();
  if (json) json = normal_object(*json, part);
}

void check_source_type(std::string_view type) {
  if (std::find(kSourceTypes.begin(), kSourceTypes.end(), type) != kSourceTypes.end()) return;
  throw invalid_argument("Invalid dataset record source type: ", type,
                         ". Valid source types: TRACE, HUMAN, DOCUMENT, CODE, UNSPECIFIED");
}

// In the order of the text; of two members of one name the last holds. The values are views of the text.
using Members = std::vector<std::pair<std::string, std::string_view>>;

void put(Members& members, std::unordered_map<std::string, size_t>& places, const std::string& name,
         std::string_view value) {
  const auto [place, is_new] = places.try_emplace(name, members.size());
  if (is_new) {
    members.emplace_back(name, value);
  } else {
    members[place->second].second = value;
  }
}

void read_members(std::string_view json, Members& members, std::unordered_map<std::string, size_t>& places) {
  JsonReader reader(json);
  reader.begin_object();
  std::string name;
  while (reader.next_member(name)) put(members, places, name, reader.skip());
}

Members members_of(std::string_view json) {
  Members out;
  std::unordered_map<std::string, size_t> places;
  read_members(json, out, places);
  return out;
}

std::string object_of(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out.append(", ");
    traces::append_text(out, name);
    out.append(": ").append(value);
  }
  return out + "}";
}

bool is_object(std::string_view json) { return json.starts_with('{'); }

// The members of every object by name.
void append_in_order(std::string& out, std::string_view json) {
  if (is_object(json)) {
    Members members = members_of(json);
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out.push_back('{');
    for (const auto& [name, value] : members) {
      append_json_string(out, name);
      out.push_back(':');
      append_in_order(out, value);
    }
    out.push_back('}');
  } else if (json.starts_with('[')) {
    JsonReader reader(json);
    reader.begin_array();
    out.push_back('[');
    while (reader.next_element()) {
      append_in_order(out, reader.skip());
      out.push_back(',');
    }
    out.push_back(']');
  } else {
    out.append(json);
  }
}

std::string_view type_of(std::string_view json) {
  JsonReader reader(json);
  switch (reader.peek()) {
    case JsonReader::Kind::kNull:
      return "null";
    case JsonReader::Kind::kBoolean:
      return "boolean";
    case JsonReader::Kind::kNumber:
      return reader.read_number().is_integer ? "integer" : "float";
    case JsonReader::Kind::kString:
      return "string";
    case JsonReader::Kind::kArray:
      return "array";
    case JsonReader::Kind::kObject:
      return "object";
  }
  return "";
}

// The types of the fields of one part: an object of names, or one name when the part is a bare value.
class PartSchema {
 public:
  explicit PartSchema(std::string_view known) {
    if (is_object(known)) {
      for (const auto& [name, type] : members_of(known)) add_field(name, std::string(type));
    } else {
      bare_ = known;
    }
  }

  void add(std::string_view content) {
    if (!bare_.empty()) return;
    if (!is_object(content)) {
      if (types_.empty()) bare_ = traces::json_of(type_of(content));
      return;
    }
    for (const auto& [name, value] : members_of(content)) {
      if (types_.size() >= kMaxFields) return;
      if (known_.count(name) == 0) add_field(name, traces::json_of(type_of(value)));
    }
  }

  std::string text() const {
    if (!bare_.empty()) return bare_;
    Members members;
    for (const auto& [name, type] : types_) members.emplace_back(name, type);
    return object_of(members);
  }

 private:
  void add_field(const std::string& name, std::string type) {
    known_.insert(name);
    types_.emplace_back(name, std::move(type));
  }

  std::string bare_;
  std::vector<std::pair<std::string, std::string>> types_;
  std::unordered_set<std::string> known_;
};

}  // namespace

void complete(NewRecord& record) {
  record.inputs = normal_object(record.inputs, "inputs");
  if (record.outputs) record.outputs = traces::normal_json(*record.outputs);
  make_normal(record.expectations, "expectations");
  make_normal(record.tags, "tags");
  if (!record.source) return;
  record.source->type = text::upper(record.source->type);
  check_source_type(record.source->type);
  record.source->data = normal_object(record.source->data, "source data");
}

std::string hash_of(const std::string& json) {
  std::string in_order;
  append_in_order(in_order, json);
  return hash_hex(HashKind::kSha256, in_order);
}

std::string merged(const std::string& known, const std::string& added) {
  Members members;
  std::unordered_map<std::string, size_t> places;
  read_members(known, members, places);
  read_members(added, members, places);
  return object_of(members);
}

std::optional<std::string> text_member(const std::string& object, std::string_view name) {
  for (const auto& [member, value] : members_of(object)) {
    if (member == name) return traces::text_of_json(value);
  }
  return std::nullopt;
}

std::optional<std::string> extended_schema(const std::optional<std::string>& known,
                                           const std::vector<NewRecord>& records) {
  if (records.empty()) return known;
  std::unordered_map<std::string, std::string_view> before;
  if (known) {
    for (const auto& [part, fields] : members_of(*known)) before[part] = fields;
  }
  const auto part = [&](const std::string& name) { return PartSchema(before.count(name) == 0 ? "{}" : before[name]); };
  PartSchema inputs = part("inputs");
  PartSchema outputs = part("outputs");
  PartSchema expectations = part("expectations");
  for (const NewRecord& record : records) {
    inputs.add(record.inputs);
    if (record.outputs && *record.outputs != "null") outputs.add(*record.outputs);
    if (record.expectations) expectations.add(*record.expectations);
  }
  return text::concat("{\"inputs\": ", inputs.text(), ", \"outputs\": ", outputs.text(),
                      ", \"expectations\": ", expectations.text(), ", \"version\": \"1.0\"}");
}

}  // namespace slipway::genai
