// What a scorer is made of, as MLflow's client writes it ("serialized scorer"): what the server has to know of it. Used
// by the handlers of scorers.
#pragma once

#include <string>

namespace slipway::mlflow {

// Throws invalid_argument for what is no scorer, names no model where it should, or carries code: whoever loaded it
// would run that.
void check_scorer(const std::string& definition);

// Throws invalid_argument unless it can judge new traces as they come: with a model behind a gateway, and without
// expectations, which new traces do not have.
void check_scores_online(const std::string& name, const std::string& definition);

}  // namespace slipway::mlflow
