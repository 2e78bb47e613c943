// The files of an MLflow file store: meta files and lines of metrics.
#include <cstdint>
#include <string_view>

#include "adapters/mlflow_store/file_tree.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  slipway::mlflow_store::parse_metric_line(text);
  try {
    const auto meta = slipway::mlflow_store::Meta::parse(text);
    meta.number("start_time");
    meta.pairs("tags");
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
