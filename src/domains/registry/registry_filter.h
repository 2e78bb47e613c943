// Turns searches for models (table m) and versions (table v, joined with m) into SQL. Used by the stores.
#pragma once

#include "domains/registry/model.h"
#include "domains/tracking/select.h"

namespace slipway::registry {

void add_model_search(tracking::SelectBuilder& select, sql::Dialect dialect, const Search& search);
void add_version_search(tracking::SelectBuilder& select, sql::Dialect dialect, const Search& search);

}  // namespace slipway::registry
