// Fragments written out, and what a query may ask for at most.
#include "protocols/mlflow/graphql_query.h"

#include <set>
#include <unordered_map>

#include "foundation/base/error.h"

namespace slipway::mlflow::graphql {

namespace {

using SelectionSets = std::vector<const std::vector<Selection>*>;

class Collector {
 public:
  Collector(const Document& document, std::string_view type, const Inclusion* inclusion)
      : document_(document), type_(type), inclusion_(inclusion) {}

  void add(const std::vector<Selection>& selections) {
    for (const Selection& selection : selections) {
      if (inclusion_ != nullptr && !inclusion_->includes(selection)) continue;
      if (selection.kind == Selection::Kind::kField) {
        add_field(selection);
      } else if (selection.kind == Selection::Kind::kInline) {
        if (fits(selection.name)) add(selection.children);
      } else {
        add_fragment(selection.name);
      }
    }
  }

  std::vector<Field> take() { return std::move(fields_); }

 private:
  // Without a type of the object every fragment is looked into.
  bool fits(std::string_view type) const { return type.empty() || type_.empty() || type == type_; }

  void add_field(const Selection& selection) {
    const auto [place, is_new] = places_.emplace(selection.key(), fields_.size());
    if (is_new) fields_.push_back({&selection, {}});
    Field& field = fields_[place->second];
    if (field.selection->name != selection.name) {
      throw invalid_argument("Fields '", selection.key(), "' conflict: '", field.selection->name, "' and '",
                             selection.name, "' are different fields");
    }
    if (!selection.children.empty()) field.children.push_back(&selection.children);
  }

  void add_fragment(const std::string& name) {
    // Each counts once in a selection, however often it is named; that ends circles too.
    if (!seen_.insert(name).second) return;
    const Fragment* fragment = document_.find_fragment(name);
    if (fragment == nullptr) throw invalid_argument("Unknown fragment '", name, "'.");
    if (fits(fragment->type)) add(fragment->selections);
  }

  const Document& document_;
  std::string_view type_;
  const Inclusion* inclusion_;
  std::vector<Field> fields_;
  std::unordered_map<std::string_view, size_t> places_;
  std::set<std::string_view> seen_;
};

class LimitCheck {
 public:
  explicit LimitCheck(const Document& document) : document_(document) {}

  void check(const SelectionSets& sets, size_t depth) {
    if (depth > kMaxDepth) throw invalid_argument("Query exceeds maximum depth of ", kMaxDepth);
    const std::vector<Field> fields = collect_fields(document_, sets, "");
    size_t aliases = 0;
    for (const Field& field : fields) aliases += field.selection->alias.empty() ? 0 : 1;
    refuse_over(kMaxAliases, aliases, "aliases");
    if (depth == 1) refuse_over(kMaxRootFields, fields.size(), "root fields");
    fields_ += fields.size();
    if (fields_ > kMaxFields) throw invalid_argument("Query exceeds maximum total selections of ", kMaxFields);
    for (const Field& field : fields) {
      if (!field.children.empty()) check(field.children, depth + 1);
    }
  }

 private:
  static void refuse_over(size_t most, size_t count, std::string_view what) {
    if (count <= most) return;
    throw invalid_argument("GraphQL queries should have at most ", most, " ", what, ", got ", count, " ", what, ".");
  }

  const Document& document_;
  size_t fields_ = 0;
};

}  // namespace

const Fragment* Document::find_fragment(std::string_view name) const {
  for (const Fragment& fragment : fragments) {
    if (fragment.name == name) return &fragment;
  }
  return nullptr;
}

std::vector<Field> collect_fields(const Document& document, const SelectionSets& sets, std::string_view type,
                                  const Inclusion* inclusion) {
  Collector collector(document, type, inclusion);
  for (const auto* set : sets) collector.add(*set);
  return collector.take();
}

void check_limits(const Document& document, const Operation& operation) {
  LimitCheck(document).check({&operation.selections}, 1);
}

}  // namespace slipway::mlflow::graphql
