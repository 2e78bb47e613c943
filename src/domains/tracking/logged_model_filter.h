// Turns a search for logged models into SQL; the table is called l. Used by LoggedModelStore::search.
#pragma once

#include "domains/tracking/logged_model.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

void add_model_conditions(SelectBuilder& select, sql::Dialect dialect, const LoggedModelSearch& search);
void add_model_order(SelectBuilder& select, const std::vector<LoggedModelOrder>& order_by);

}  // namespace slipway::tracking
