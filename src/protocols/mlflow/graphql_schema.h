// Which fields the objects have that GraphQL queries can ask for. Every object is the answer of a REST call, or a part
// of one: a field shows the member of that name, "runName" the member "run_name".
#pragma once

#include <span>
#include <string_view>

#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/rules.h"

namespace slipway::mlflow::graphql {

enum class Shape {
  kText,     // enums too
  kInteger,  // 64 bits wide: a string in the answer
  kNumber,   // null when it is no finite number
  kFlag,
  kObject,
};

struct FieldType {
  std::string_view name;
  Shape shape = Shape::kText;
  std::string_view object = "";  // the type of kObject
  bool is_list = false;
};

struct ObjectType {
  std::string_view name;
  std::span<const FieldType> fields;

  const FieldType* find(std::string_view field) const;
};

// Null for an unknown type.
const ObjectType* find_type(std::string_view name);

// A field that a query starts with, and the REST call that answers it.
struct RootField {
  std::string_view name;
  std::string_view type;
  JsonHandler handler;
  Rule rule;  // the same as that call's
};
const RootField* find_root(std::string_view name);

}  // namespace slipway::mlflow::graphql
