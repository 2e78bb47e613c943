// The grammar of GraphQL and what a query may ask for; answers are tested through the mount and by the real page's
// queries in tests/conformance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"
#include "protocols/mlflow/graphql_query.h"

namespace slipway::mlflow::graphql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string fault_of(const std::string& query) {
  try {
    const Document document = parse(query);
    for (const Operation& operation : document.operations) check_limits(document, operation);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "";
}

std::vector<std::string> keys_of(const std::string& query, std::string_view type = "") {
  const Document document = parse(query);
  std::vector<std::string> out;
  for (const Field& field : collect_fields(document, {&document.operations[0].selections}, type)) {
    out.push_back(field.selection->key());
  }
  return out;
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(GraphqlQuery, OperationsHaveNamesVariablesAndSelections) {
  const Document document = parse(R"(
    # comments and commas mean nothing
    query GetRun($data: MlflowGetRunInput!, $ids: [String!]! = ["a", "b"]) @component(name: "MLflow.Run") {
      first: mlflowGetRun(input: $data) { run { info { runName, status } } }
      ... on Query { other }
      ...part
    }
    fragment part on Query { last }
  )");
  ASSERT_EQ(document.operations.size(), 1U);
  const Operation& operation = document.operations[0];
  EXPECT_EQ(operation.type, "query");
  EXPECT_EQ(operation.name, "GetRun");
  ASSERT_EQ(operation.variables.size(), 2U);
  EXPECT_FALSE(operation.variables[0].otherwise);
  EXPECT_EQ(operation.variables[1].otherwise->items[1].text, "b");
  ASSERT_EQ(operation.selections.size(), 3U);
  EXPECT_EQ(operation.selections[0].alias, "first");
  EXPECT_EQ(operation.selections[0].arguments[0].value.kind, Value::Kind::kVariable);
  EXPECT_EQ(operation.selections[0].children[0].children[0].children[1].name, "status");
}

TEST(GraphqlQuery, ValuesOfEveryKind) {
  const Document document = parse(R"({ f(a: -12, b: 1.5e3, c: "x\"\u00e9\n", d: true, e: null, f: ALL, g: {h: [1]},
                                      i: """as "it" is""") })");
  const auto& arguments = document.operations[0].selections[0].arguments;
  ASSERT_EQ(arguments.size(), 8U);
  EXPECT_EQ(arguments[0].value.kind, Value::Kind::kInteger);
  EXPECT_EQ(arguments[0].value.text, "-12");
  EXPECT_EQ(arguments[1].value.kind, Value::Kind::kNumber);
  EXPECT_EQ(arguments[2].value.text, "x\"\xc3\xa9\n");
  EXPECT_EQ(arguments[3].value.kind, Value::Kind::kFlag);
  EXPECT_EQ(arguments[4].value.kind, Value::Kind::kNull);
  EXPECT_EQ(arguments[5].value.kind, Value::Kind::kEnum);
  EXPECT_EQ(arguments[6].value.items[0].items[0].text, "1");
  EXPECT_EQ(arguments[7].value.text, "as \"it\" is");
}

TEST(GraphqlQuery, FaultsSayWhereTheyAre) {
  EXPECT_THAT(fault_of("query {\n  a(}"), HasSubstr("line 2, column 5"));
  for (const char* query : {"",
                            "{",
                            "{}",
                            "{a",
                            "{a(b:)}",
                            "{a(b:1.)}",
                            "{a(b:1x)}",
                            "{a(b:\"x)}",
                            "{a(b:\"\\q\")}",
                            "{a(b:\"\\ud800\")}",
                            "{a(b:\"\"\"x)}",
                            "query Q($a) {b}",
                            "subscription {a}",
                            "{...}",
                            "fragment on on T {a}",
                            "fragment f on T {a}",
                            "{a(b:$)}",
                            "{a:}",
                            "{a @}",
                            "\xff"}) {
    EXPECT_NE(fault_of(query), "") << query;
  }
}

TEST(GraphqlQuery, FragmentsAreWrittenOutForTheirType) {
  const std::string query = "{a ...f ... on T {c} ... on U {d} ... {e} a} fragment f on T {b ...f}";
  EXPECT_THAT(keys_of(query, "T"), ElementsAre("a", "b", "c", "e"));
  EXPECT_THAT(keys_of(query), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(fault_of("{...none}"), HasSubstr("Unknown fragment"));
  EXPECT_THAT(fault_of("{x: a x: b}"), HasSubstr("conflict"));
}

TEST(GraphqlQuery, NobodyAsksForTooMuch) {
  EXPECT_EQ(fault_of("{a b c d e f g h i j}"), "");
  EXPECT_THAT(fault_of("{a b c d e f g h i j k}"), HasSubstr("at most 10 root fields, got 11"));
  EXPECT_THAT(fault_of("{r {a:x b:x c:x d:x e:x f:x g:x h:x i:x j:x k:x}}"), HasSubstr("at most 10 aliases, got 11"));
  EXPECT_THAT(
      fault_of("{r {...f ...g}} fragment f on T {a:x b:x c:x d:x e:x f:x} fragment g on T {g:x h:x i:x j:x k:x}"),
      HasSubstr("at most 10 aliases"))
      << "spreading them over fragments does not help";
  EXPECT_EQ(fault_of(repeated("{a", 10) + repeated("}", 10)), "");
  EXPECT_THAT(fault_of(repeated("{a", 11) + repeated("}", 11)), HasSubstr("depth"));
  EXPECT_THAT(fault_of(repeated("{a", 5000)), HasSubstr("too deep"));
  EXPECT_THAT(fault_of("{a(b:" + repeated("[", 5000)), HasSubstr("too deep"));
  EXPECT_THAT(fault_of(std::string(kMaxQueryBytes + 1, ' ')), HasSubstr("at most"));
  EXPECT_THAT(fault_of("{a {...f}} fragment f on T {b {...f} c {...f}}"), HasSubstr("exceeds"));
  std::string wide = "{a {";
  for (int i = 0; i < 1000; ++i) wide += " f" + std::to_string(i);
  EXPECT_THAT(fault_of(wide + "}}"), HasSubstr("total selections of 1000"));
}

}  // namespace
}  // namespace slipway::mlflow::graphql
