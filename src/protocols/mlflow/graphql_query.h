// A GraphQL document as MLflow's web page sends it, taken apart: operations, fragments, fields, arguments. Who answers
// its fields is graphql_execution's matter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::mlflow::graphql {

// What a document may be at most. One request could otherwise ask for the same expensive field thousands of times.
inline constexpr size_t kMaxQueryBytes = size_t{64} << 10U;
inline constexpr size_t kMaxDepth = 10;
inline constexpr size_t kMaxFields = 1000;  // with every fragment written out
inline constexpr size_t kMaxRootFields = 10;
inline constexpr size_t kMaxAliases = 10;  // in one selection

struct Value {
  enum class Kind { kNull, kVariable, kInteger, kNumber, kText, kFlag, kEnum, kList, kObject };
  Kind kind = Kind::kNull;
  std::string text;  // as written; a string without quotes and escapes, a variable without its dollar sign
  std::vector<Value> items;
  std::vector<std::string> names;  // of an object's items
};

struct Argument {
  std::string name;
  Value value;
};

struct Directive {
  std::string name;
  std::vector<Argument> arguments;
};

struct Selection {
  enum class Kind { kField, kFragment, kInline };
  Kind kind = Kind::kField;
  std::string name;  // of the field or the fragment; of an inline one the type it is on, if any
  std::string alias;
  std::vector<Argument> arguments;
  std::vector<Directive> directives;
  std::vector<Selection> children;

  const std::string& key() const { return alias.empty() ? name : alias; }
};

struct Variable {
  std::string name;
  std::optional<Value> otherwise;
};

struct Operation {
  std::string type;  // "query" or "mutation"
  std::string name;
  std::vector<Variable> variables;
  std::vector<Selection> selections;
};

struct Fragment {
  std::string name;
  std::string type;
  std::vector<Selection> selections;
};

struct Document {
  std::vector<Operation> operations;
  std::vector<Fragment> fragments;

  const Fragment* find_fragment(std::string_view name) const;
};

// Throws invalid_argument with line and column of the fault, or for one that is too long or nested too deep.
Document parse(std::string_view query);

// A field of one object as it is answered: selections of the same key are one field.
struct Field {
  const Selection* selection = nullptr;
  std::vector<const std::vector<Selection>*> children;
};

// Which directives leave a selection out depends on the variables; without them nothing is left out.
class Inclusion {
 public:
  virtual ~Inclusion() = default;
  virtual bool includes(const Selection& selection) const = 0;
};

// The fields that the selections ask of an object of `type`, fragments written out, in the order of their first
// mention. Throws invalid_argument for a fragment that is not there.
std::vector<Field> collect_fields(const Document& document, const std::vector<const std::vector<Selection>*>& sets,
                                  std::string_view type, const Inclusion* inclusion = nullptr);

// Throws invalid_argument when the operation asks for more than the limits above allow.
void check_limits(const Document& document, const Operation& operation);

}  // namespace slipway::mlflow::graphql
