#include "protocols/mlflow/graphql_execution.h"

#include <set>
#include <unordered_map>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/graphql_query.h"
#include "protocols/mlflow/graphql_schema.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow::graphql {

namespace {

constexpr std::string_view kTypeName = "__typename";
constexpr std::string_view kRunType = "MlflowRunExtension";

std::string snake_of(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) out.push_back('_');
    out.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

// The operation's variables, and which selections their values leave out.
class Variables final : public Inclusion {
 public:
  Variables(const Operation& operation, const json::object* given) {
    for (const Variable& variable : operation.variables) {
      const json::value* found = given == nullptr ? nullptr : json::find(*given, variable.name);
      if (found != nullptr) {
        values_[variable.name] = *found;
      } else {
        values_[variable.name] = variable.otherwise ? json_of(*variable.otherwise) : json::value(nullptr);
      }
    }
  }

  json::value json_of(const Value& value) const {
    switch (value.kind) {
      case Value::Kind::kNull:
        return nullptr;
      case Value::Kind::kVariable:
        return variable(value.text);
      case Value::Kind::kFlag:
        return value.text == "true";
      case Value::Kind::kInteger:
        // One that is too long stays text, which whoever reads it refuses by name.
        if (const auto number = text::parse_int(value.text)) return *number;
        return json::value(value.text);
      case Value::Kind::kNumber:
        return json::number(text::parse_double(value.text).value_or(0));
      case Value::Kind::kText:
      case Value::Kind::kEnum:
        return json::value(value.text);
      case Value::Kind::kList:
        break;
      case Value::Kind::kObject:
        return object_of(value);
    }
    json::array out;
    for (const Value& item : value.items) out.push_back(json_of(item));
    return out;
  }

  bool includes(const Selection& selection) const override {
    for (const Directive& directive : selection.directives) {
      if (directive.name != "include" && directive.name != "skip") continue;
      const json::value condition = directive.arguments.empty() ? nullptr : json_of(directive.arguments[0].value);
      if (!condition.is_bool()) throw invalid_argument("Directive '@", directive.name, "' needs if: true or false");
      if (condition.get_bool() != (directive.name == "include")) return false;
    }
    return true;
  }

 private:
  json::value variable(const std::string& name) const {
    const json::value* found = values_.if_contains(name);
    if (found == nullptr) throw invalid_argument("Variable '$", name, "' is not defined by the operation.");
    return *found;
  }

  json::object object_of(const Value& value) const {
    json::object out;
    for (size_t i = 0; i < value.items.size(); ++i) out[value.names[i]] = json_of(value.items[i]);
    return out;
  }

  json::object values_;
};

class Execution {
 public:
  Execution(const Services& services, const Document& document, const Operation& operation,
            const json::object* variables)
      : services_(services), document_(document), operation_(operation), variables_(operation, variables) {}

  // All fields are looked up before the first call is made.
  void check() const {
    for (const Field& field : roots()) {
      const std::string& name = field.selection->name;
      if (name == kTypeName) continue;
      const RootField* root = find_root(name);
      if (root == nullptr) throw invalid_argument("Cannot query field '", name, "' on type '", root_type(), "'.");
      if (field.children.empty()) throw must_select(name);
      check_object(*find_type(root->type), field);
    }
  }

  std::string run() {
    JsonWriter json;
    json.begin_object();
    json.begin_object("data");
    for (const Field& field : roots()) write_root(json, field);
    json.end_object();
    write_errors(json, errors_);
    json.end_object();
    return json.take();
  }

  static void write_errors(JsonWriter& json, const std::vector<std::string>& errors) {
    if (errors.empty()) return json.raw("errors", "null");
    json.begin_array("errors");
    for (const std::string& error : errors) json.element(error);
    json.end_array();
  }

 private:
  static Error must_select(std::string_view field) {
    return invalid_argument("Field '", field, "' must have a selection of subfields.");
  }

  std::string_view root_type() const { return operation_.type == "mutation" ? "Mutation" : "Query"; }

  std::vector<Field> roots() const {
    return collect_fields(document_, {&operation_.selections}, root_type(), &variables_);
  }

  std::vector<Field> fields_of(const Field& field, std::string_view type) const {
    return collect_fields(document_, field.children, type, &variables_);
  }

  void check_object(const ObjectType& type, const Field& parent) const {
    for (const Field& field : fields_of(parent, type.name)) {
      const std::string& name = field.selection->name;
      if (name == kTypeName) continue;
      const FieldType* found = type.find(name);
      if (found == nullptr) throw invalid_argument("Cannot query field '", name, "' on type '", type.name, "'.");
      if (found->shape == Shape::kObject) {
        if (field.children.empty()) throw must_select(name);
        check_object(*find_type(found->object), field);
      } else if (!field.children.empty()) {
        throw invalid_argument("Field '", name, "' must not have a selection since it has no subfields.");
      }
    }
  }

  // Every call but the echo takes its arguments in one object.
  json::object arguments_of(const Selection& selection) const {
    json::object out;
    for (const Argument& argument : selection.arguments) {
      json::value value = variables_.json_of(argument.value);
      if (argument.name == "input" && value.is_object()) return std::move(value.get_object());
      out[argument.name] = std::move(value);
    }
    return out;
  }

  void write_root(JsonWriter& json, const Field& field) {
    const Selection& selection = *field.selection;
    if (selection.name == kTypeName) return json.text(selection.key(), root_type());
    const RootField& root = *find_root(selection.name);
    try {
      const Input input = Input::of(arguments_of(selection));
      authorize(services_, root.rule, input);
      json::value answer = json::parse(root.handler(services_, input));
      JsonWriter object;
      write_object(object, "", *find_type(root.type), answer.as_object(), field);
      json.raw(selection.key(), object.take());
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInternal) throw;
      json.raw(selection.key(), "null");
      errors_.emplace_back(error.what());
    }
  }

  void write_object(JsonWriter& json, std::string_view key, const ObjectType& type, json::object& object,
                    const Field& parent) {
    if (type.name == kRunType) complete_runs({&object}, parent);
    write_members(json, key, type, object, parent);
  }

  void write_members(JsonWriter& json, std::string_view key, const ObjectType& type, json::object& object,
                     const Field& parent) {
    json.begin_object(key);
    for (const Field& field : fields_of(parent, type.name)) {
      if (field.selection->name == kTypeName) {
        json.text(field.selection->key(), type.name);
      } else {
        write_field(json, *type.find(field.selection->name), object, field);
      }
    }
    json.end_object();
  }

  void write_field(JsonWriter& json, const FieldType& type, json::object& object, const Field& field) {
    const std::string& key = field.selection->key();
    json::value* value = object.if_contains(snake_of(type.name));
    if (type.is_list) return write_list_field(json, type, value, field);
    if (type.shape != Shape::kObject) return write_scalar(json, key, type.shape, value);
    // Errors are told beside the data; objects that nothing was set in are empty, not missing.
    if (type.object == "ApiError") return json.raw(key, "null");
    json::object nothing;
    write_object(json, key, *find_type(type.object), value == nullptr ? nothing : value->as_object(), field);
  }

  void write_list_field(JsonWriter& json, const FieldType& type, json::value* value, const Field& field) {
    json.begin_array(field.selection->key());
    if (value != nullptr && type.shape == Shape::kObject) {
      const ObjectType& object_type = *find_type(type.object);
      std::vector<json::object*> items;
      for (json::value& item : value->as_array()) items.push_back(&item.as_object());
      if (object_type.name == kRunType) complete_runs(items, field);
      for (json::object* item : items) write_members(json, "", object_type, *item, field);
    } else if (value != nullptr) {
      for (const json::value& item : value->as_array()) write_scalar(json, "", type.shape, &item);
    }
    json.end_array();
  }

  static void write_scalar(JsonWriter& json, std::string_view key, Shape shape, const json::value* value) {
    if (value == nullptr) return write_unset(json, key, shape);
    if (shape == Shape::kNumber && !value->is_number()) return json.raw(key, "null");
    if (shape == Shape::kInteger) return json.text(key, json::write(*value));
    json.raw(key, json::write(*value));
  }

  // REST leaves out what was not set; here it has the value that protobuf gives it, as the page expects.
  static void write_unset(JsonWriter& json, std::string_view key, Shape shape) {
    switch (shape) {
      case Shape::kInteger:
        return json.text(key, "0");
      case Shape::kNumber:
        return json.number(key, 0);
      case Shape::kFlag:
        return json.flag(key, false);
      default:
        return json.text(key, "");
    }
  }

  // What a run shows beyond its own call: its experiment and the model versions made of it, looked up for all runs
  // together.
  void complete_runs(const std::vector<json::object*>& runs, const Field& parent) {
    for (const Field& field : fields_of(parent, kRunType)) {
      if (field.selection->name == "experiment") add_experiments(runs);
      if (field.selection->name == "modelVersions") add_versions(runs);
    }
  }

  void add_experiments(const std::vector<json::object*>& runs) {
    std::unordered_map<std::string, json::value> known;
    for (json::object* run : runs) {
      const std::string id = json::get_string(json::get_object(*run, "info"), "experiment_id");
      auto [found, is_new] = known.try_emplace(id);
      if (is_new) {
        found->second = json::parse(one("experiment", services_.tracking.get_experiment(tracking::ExperimentId(id))))
                            .at("experiment");
      }
      (*run)["experiment"] = found->second;
    }
  }

  void add_versions(const std::vector<json::object*>& runs) {
    constexpr size_t kPortion = 200;
    for (size_t start = 0; start < runs.size(); start += kPortion) {
      std::unordered_map<std::string, json::array*> of_run;
      std::vector<std::string> quoted;
      for (size_t i = start; i < std::min(runs.size(), start + kPortion); ++i) {
        const std::string id = json::get_string(json::get_object(*runs[i], "info"), "run_id");
        of_run[id] = &((*runs[i])["model_versions"] = json::array()).get_array();
        quoted.push_back(text::concat("'", id, "'"));
      }
      tracking::Search search;
      search.scope = scope_of(services_, identity::ResourceKind::kModel);
      search.filter = text::concat("run_id IN (", text::join(quoted, ", "), ")");
      std::optional<std::string> token = "";
      while (token) {
        search.page_token = *token;
        const auto page = services_.registry.search_versions(search);
        for (const auto& version : page.items)
          of_run.at(version.run_id)->push_back(json::parse(one("version", version)).at("version"));
        token = page.next;
      }
    }
  }

  const Services& services_;
  const Document& document_;
  const Operation& operation_;
  const Variables variables_;
  std::vector<std::string> errors_;
};

const Operation& chosen_operation(const Document& document, std::string_view name) {
  if (name.empty() && document.operations.size() == 1) return document.operations[0];
  if (name.empty()) throw invalid_argument("Must provide operation name if query contains multiple operations.");
  for (const Operation& operation : document.operations) {
    if (operation.name == name) return operation;
  }
  throw invalid_argument("Unknown operation named '", name, "'.");
}

}  // namespace

std::string execute(const Services& services, std::string_view query, std::string_view operation_name,
                    const json::object* variables) {
  try {
    const Document document = parse(query);
    const Operation& operation = chosen_operation(document, operation_name);
    check_limits(document, operation);
    Execution execution(services, document, operation, variables);
    execution.check();
    return execution.run();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    JsonWriter json;
    json.begin_object();
    json.raw("data", "null");
    Execution::write_errors(json, {error.what()});
    json.end_object();
    return json.take();
  }
}

}  // namespace slipway::mlflow::graphql
