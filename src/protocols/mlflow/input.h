// What a request carries, wherever it carries it: JSON body, query string or path. Follows protobuf's JSON rules as
// MLflow's clients know them: names in snake_case or lowerCamel, 64-bit integers as numbers or text, enums by name or
// number, non-finite numbers as text, unknown fields ignored. Used by every handler.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/tracking/experiment.h"
#include "foundation/http/message.h"

namespace slipway::mlflow {

class Input {
 public:
  // The body of a request that has one, else the query; path parameters count as fields. Throws invalid_argument for a
  // body that is no JSON object or comes without the content type for JSON.
  static Input of(http::Request& request);
  // Only what its address says, for a request whose body is something else.
  static Input of_address(const http::Request& request);
  // Fields that came another way.
  static Input of(boost::json::object fields);

  bool has(std::string_view name) const;
  // Missing or empty: "Missing value for required parameter". Wrong type: "Invalid value ... supplied".
  std::string required_text(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::optional<std::string> find_text(std::string_view name) const;
  std::optional<int64_t> find_integer(std::string_view name) const;
  int64_t required_integer(std::string_view name) const;
  int64_t integer(std::string_view name, int64_t otherwise) const;
  double required_number(std::string_view name) const;
  bool flag(std::string_view name, bool otherwise) const;
  // Whatever it is, as JSON in the form of traces::normal_json.
  std::optional<std::string> find_json(std::string_view name) const;
  // The name of an enum's value, or its number as text.
  std::optional<std::string> find_enum(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  // Objects in a list; each knows its place for messages ("metrics[3]").
  std::vector<Input> list(std::string_view name) const;
  std::optional<Input> find_object(std::string_view name) const;
  // One object, or objects in a list.
  std::vector<Input> objects(std::string_view name) const;
  // An object as it came; null when there is none. Lives as long as this input.
  const boost::json::object* fields_of(std::string_view name) const;
  // An object whose members are all text.
  std::vector<tracking::Tag> map(std::string_view name) const;
  // The same of values that no message may show.
  std::vector<tracking::Tag> secret_map(std::string_view name) const;
  // All fields as they came. Lives as long as this input.
  const boost::json::object& fields() const { return *fields_; }

 private:
  struct Document;

  Input(std::shared_ptr<const Document> root, const boost::json::object* fields, std::string place);
  static Input of(std::shared_ptr<Document> root, boost::json::object fields);
  const boost::json::value* find(std::string_view name) const;
  std::string where(std::string_view name) const;

  std::shared_ptr<const Document> root_;  // shared by an input and its parts
  const boost::json::object* fields_;
  std::string place_;
};

// The run's id under either of its names.
std::string required_run_id(const Input& input);

}  // namespace slipway::mlflow
