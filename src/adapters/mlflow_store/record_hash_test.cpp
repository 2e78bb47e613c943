#include "adapters/mlflow_store/record_hash.h"

#include <gtest/gtest.h>

#include "domains/traces/json_text.h"

namespace slipway::mlflow_store {

namespace {

// What json.dumps(..., sort_keys=True) and hashlib.sha256 of Python 3.11 make of it.
TEST(RecordHash, IsThatOfPython) {
  const std::string inputs = traces::normal_json(
      R"({"question": "wie, ü?", "b": {"é": [1, null, true, -0.5, 1.0], "a": "😀 \"q\"\\ \n\t\u007f "}, "n": 1e-07, "big": 1e+22, "Z": ""})");
  EXPECT_EQ(
      python_json(inputs),
      R"({"Z": "", "b": {"a": "\ud83d\ude00 \"q\"\\ \n\t\u007f\u2028", "\u00e9": [1, null, true, -0.5, 1.0]}, "big": 1e+22, "n": 1e-07, "question": "wie, \u00fc?"})");
  EXPECT_EQ(record_hash(inputs), "b6a6ad9e2a6f90cef7bf19068fd105fe4995a5ccdd3c7d67375ee5154048ee70");
  EXPECT_EQ(record_hash("{}"), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

}  // namespace

}  // namespace slipway::mlflow_store
