// Tells the server, when one is set, what became of each stage of a `repro`: the audit log and a model's story show it.
#pragma once

#include "domains/data/pipeline.h"

namespace slipway::cli {

// A server that cannot be reached costs a warning, never the run.
void report_stages(const data::ReproduceResult& result);

}  // namespace slipway::cli
