// `slipway import URL PATH`: data of another repository. A part of the command `import`, whose other part takes over an
// MLflow store.
#pragma once

#include "app/cli/command.h"

namespace slipway::cli {

Action declare_import_data(CLI::App& parser);

}  // namespace slipway::cli
