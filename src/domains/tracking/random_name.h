// A made-up name for a run or model that was given none: "amber-heron-417".
#pragma once

#include <string>

#include "foundation/base/id.h"

namespace slipway::tracking {

std::string random_name(IdSource& ids);

}  // namespace slipway::tracking
