// What the server and its model are, in the protocol's words.
#pragma once

#include <string>

#include "domains/serving/served_model.h"

namespace slipway::oip {

std::string server_metadata();
// Name, version and tensors; the state, and a version that was refused with its reason, stand in the parameters.
std::string model_metadata(const serving::ServedModel& model);
// The list of models with their state; `only_ready` leaves out what cannot answer.
std::string repository_index(const serving::ServedModel& model, bool only_ready);

}  // namespace slipway::oip
