#include "protocols/oip/infer_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "domains/serving/fake_runtime.h"
#include "foundation/base/error.h"
#include "protocols/oip/input_columns.h"

namespace slipway::oip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

tables::Table read_json(const std::string& body) {
  const InferRequest request = parse_infer_request(body, std::nullopt);
  return read_input_columns(serving::fake_signature(), request.inputs);
}

std::string refusal(const std::string& body) {
  try {
    read_json(body);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "accepted";
}

TEST(InferRequest, NamedTensorsBecomeColumns) {
  const tables::Table table = read_json(R"({"id":"7","parameters":{"prediction_ids":["x","y"]},"inputs":[
    {"name":"carrier","shape":[2,1],"datatype":"BYTES","data":[["AA"],[null]]},
    {"data":[1,null],"name":"b","shape":[2],"datatype":"INT64"},
    {"name":"a","shape":[2],"datatype":"FP64","data":[0.1,-3]}]})");
  EXPECT_THAT(table.get("a").doubles(), ElementsAre(0.1, -3.0));
  EXPECT_EQ(table.get("b").integers()[0], 1);
  EXPECT_TRUE(table.get("b").is_missing(1));
  EXPECT_EQ(table.get("carrier").text(0), "AA");
  EXPECT_TRUE(table.get("carrier").is_missing(1));
}

TEST(InferRequest, TheHeadIsRead) {
  const InferRequest request = parse_infer_request(
      R"({"id":"7","parameters":{"prediction_ids":["x"],"binary_data_output":true,"other":{"deep":1}},
          "inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":[1],"parameters":{"content_type":"np"}}],
          "outputs":[{"name":"p"},{"name":"q","parameters":{"binary_data":false}}]})",
      std::nullopt);
  EXPECT_EQ(request.id, "7");
  EXPECT_THAT(request.prediction_ids, ElementsAre("x"));
  EXPECT_TRUE(request.outputs[0].binary);
  EXPECT_FALSE(request.outputs[1].binary);
}

TEST(InferRequest, OneMatrixHoldsTheNumericColumnsInOrder) {
  const tables::Table table =
      read_json(R"({"inputs":[{"name":"input-0","shape":[2,2],"datatype":"FP64","data":[[1,2],[3,null]]}]})");
  EXPECT_THAT(table.get("a").doubles(), ElementsAre(1.0, 3.0));
  EXPECT_EQ(table.get("b").integers()[0], 2);
  EXPECT_TRUE(table.get("b").is_missing(1));
}

TEST(InferRequest, AMatrixMayStandBesideNamedColumns) {
  const tables::Table table = read_json(R"({"inputs":[
    {"name":"rest","shape":[1,2],"datatype":"FP32","data":[5,6]},
    {"name":"carrier","shape":[1],"datatype":"BYTES","data":["AA"]}]})");
  EXPECT_EQ(table.get("a").doubles()[0], 5.0);
  EXPECT_EQ(table.get("b").integers()[0], 6);
}

template <typename... Numbers>
std::string raw(Numbers... numbers) {
  std::string bytes;
  (bytes.append(reinterpret_cast<const char*>(&numbers), sizeof(numbers)), ...);
  return bytes;
}

TEST(InferRequest, BinaryTensorsFollowTheirHeader) {
  const std::string json = R"({"inputs":[
    {"name":"a","shape":[2,1],"datatype":"FP16","parameters":{"binary_data_size":4}},
    {"name":"b","shape":[2],"datatype":"INT8","parameters":{"binary_data_size":2}},
    {"name":"carrier","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":13}}]})";
  const std::string body = json + raw(uint16_t{0x3C00}, uint16_t{0x7E00}) + raw(int8_t{-1}, int8_t{2}) +
                           raw(uint32_t{3}) + "h\xC3\xA9" + raw(uint32_t{2}) + "ok";
  const std::string length = std::to_string(json.size());
  const InferRequest request = parse_infer_request(body, length);
  const tables::Table table = read_input_columns(serving::fake_signature(), request.inputs);
  EXPECT_EQ(table.get("a").doubles()[0], 1.0);
  EXPECT_TRUE(table.get("a").is_missing(1)) << "NaN is how binary says missing";
  EXPECT_THAT(table.get("b").integers(), ElementsAre(-1, 2));
  EXPECT_EQ(table.get("carrier").text(0), "h\xC3\xA9");
  EXPECT_EQ(table.get("carrier").text(1), "ok");
}

TEST(InferRequest, BinaryThatDoesNotAddUpIsRefused) {
  const std::string json =
      R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64","parameters":{"binary_data_size":8}}]})";
  const std::string length = std::to_string(json.size());
  EXPECT_THROW(parse_infer_request(json + "1234567", length), Error);
  EXPECT_THROW(parse_infer_request(json + "123456789", length), Error);
  EXPECT_THROW(parse_infer_request(json, "9999"), Error);
  EXPECT_THROW(parse_infer_request(json, "-1"), Error);
  const std::string body = json + "12345678";
  const InferRequest request = parse_infer_request(body, length);
  EXPECT_NO_THROW(read_input_columns(serving::fake_signature(), request.inputs));
}

TEST(InferRequest, FaultsNameTheTensor) {
  EXPECT_THAT(refusal(R"({"inputs":[]})"), HasSubstr("'inputs'"));
  EXPECT_THAT(refusal(R"([])"), HasSubstr("object"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[2],"datatype":"FP64","data":[1]}]})"),
              HasSubstr("'a' has 1 values"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1,2]}]})"),
              HasSubstr("'a' has 2 values"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":["x"]}]})"), HasSubstr("'x'"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP99","data":[1]}]})"), HasSubstr("FP99"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64"}]})"), HasSubstr("binary_data_size"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"b","shape":[1],"datatype":"INT64","data":[1]}]})"),
              HasSubstr("missing: 'a'"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"zz","shape":[1],"datatype":"FP64","data":[1]}]})"),
              HasSubstr("no input 'zz'"));
  // One column under another name is no matrix: it may be the misspelt name of a column that may be left out, too.
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1,1],"datatype":"FP64","data":[1]},
                                    {"name":"bb","shape":[1,1],"datatype":"FP64","data":[2]}]})"),
              AllOf(HasSubstr("no input 'bb'"), HasSubstr("not sent by name: 'b'")));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"aa","shape":[1,1],"datatype":"FP64","data":[1]},
                                    {"name":"b","shape":[1,1],"datatype":"INT64","data":[2]}]})"),
              AllOf(HasSubstr("no input 'aa'"), HasSubstr("'a'")));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"m","shape":[1,3],"datatype":"FP64","data":[1,2,3]}]})"),
              HasSubstr("2 numeric columns"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1]},
                                    {"name":"b","shape":[1],"datatype":"FP64","data":[1.5]}]})"),
              HasSubstr("'b' takes whole numbers"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1]},
                                    {"name":"a","shape":[1],"datatype":"FP64","data":[1]}]})"),
              HasSubstr("twice"));
  EXPECT_THAT(refusal(R"({"inputs":[{"name":"a","shape":[4294967296,4294967296],"datatype":"FP64","data":[1]}]})"),
              HasSubstr("too large"));
}

}  // namespace
}  // namespace slipway::oip
