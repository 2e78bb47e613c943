#include <cstddef>
#include <cstdint>
#include <string>

#include "foundation/base/error.h"
#include "foundation/tables/sql_script.h"

// Splitting and placing take any text; only an unknown variable is refused.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace slipway::tables;
  const std::string script(reinterpret_cast<const char*>(data), size);
  for (const SqlStatement& statement : split_statements(script)) place_output(statement.text, "folder");
  try {
    fill_variables(script, {{"a", "b"}});
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
