// Seeded random search: the LightGBM parameters of each trial. Used by the training loop.
#pragma once

#include <map>
#include <string>

#include "domains/training/config.h"

namespace slipway::training {

// Trial 0 has sensible values for any data; the others are drawn from the space, each from a seed of its own, so that a
// longer search starts with the trials of a shorter one. The file's fixed parameters win.
std::map<std::string, std::string> draw_parameters(const TrainConfig& config, int trial);

uint64_t seed_of_trial(const TrainConfig& config, int trial);

}  // namespace slipway::training
