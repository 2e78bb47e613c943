// The first difference between two objects of one id, in words; empty when there is none. The order of tags, params and
// inputs does not count. Used by those who bring objects from one store into another.
#pragma once

#include <string>
#include <vector>

#include "domains/tracking/logged_model.h"
#include "domains/tracking/run.h"

namespace slipway::tracking {

std::string difference(const Experiment& here, const Experiment& there);
// Without metrics, which lie in tables of their own.
std::string difference(const Run& here, const Run& there);
std::string difference(const LoggedModel& here, const LoggedModel& there);

// For the functions of that name in other domains: "tag 'color' is 'red', not 'blue'".
std::string text_difference(std::string_view what, const std::string& here, const std::string& there);
std::string number_difference(std::string_view what, int64_t here, int64_t there);
std::string tags_difference(std::string_view what, std::vector<Tag> here, std::vector<Tag> there);

}  // namespace slipway::tracking
