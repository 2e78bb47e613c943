// What a LightGBM booster takes, read from the text that LightGBM and its Python package save: the names, and for
// columns that were pandas categories the values, whose place in the list is the number that the trees know. Pure
// functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domains/packaging/encoding.h"
#include "domains/packaging/signature.h"

namespace slipway::serving {

// In the booster's order; named and typed by the signature's columns when there is one, as LightGBM's Python package
// takes a frame's columns by place. Throws data_loss for a damaged text, and unimplemented where the text does not say
// which columns its lists of categories belong to: codes of the wrong column would be wrong predictions.
std::vector<packaging::Feature> booster_features(std::string_view model,
                                                 const std::optional<packaging::Signature>& signature);

}  // namespace slipway::serving
