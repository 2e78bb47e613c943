#include <cstdint>
#include <string_view>

#include "foundation/base/error.h"
#include "protocols/mlflow/graphql_query.h"

using namespace slipway;

// Any text is a document within the limits or is the caller's fault, and looking through it ends soon.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto document = mlflow::graphql::parse({reinterpret_cast<const char*>(data), size});
    for (const auto& operation : document.operations) mlflow::graphql::check_limits(document, operation);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
  return 0;
}
