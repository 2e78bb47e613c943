#include "domains/serving/model_address.h"

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::serving {

namespace {

constexpr std::string_view kModels = "models:/";
constexpr std::string_view kRuns = "runs:/";

Error malformed(std::string_view text) {
  return invalid_argument("'", text,
                          "' is no model address; write models:/NAME@ALIAS, models:/NAME/VERSION, models:/NAME/latest, "
                          "runs:/RUN_ID/PATH or a model folder");
}

// "models://name" and "models:/name" mean the same to MLflow's clients.
std::string_view after_scheme(std::string_view text, std::string_view scheme) {
  text.remove_prefix(scheme.size());
  while (!text.empty() && text.front() == '/') text.remove_prefix(1);
  return text;
}

std::string_view last_segment(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

ModelAddress parse_registered(std::string_view text) {
  ModelAddress address;
  address.text = text;
  const std::string_view rest = after_scheme(text, kModels);
  const size_t at = rest.rfind('@');
  const size_t slash = rest.rfind('/');
  const size_t cut = at != std::string_view::npos ? at : slash;
  if (cut == std::string_view::npos || cut == 0 || cut + 1 == rest.size()) throw malformed(text);
  address.name = rest.substr(0, cut);
  address.selector = rest.substr(cut + 1);
  if (at != std::string_view::npos) {
    address.kind = ModelAddress::Kind::kAlias;
  } else if (address.selector == "latest") {
    address.kind = ModelAddress::Kind::kLatest;
  } else if (text::parse_int(address.selector).value_or(0) > 0) {
    address.kind = ModelAddress::Kind::kVersion;
  } else {
    throw malformed(text);
  }
  return address;
}

}  // namespace

ModelAddress parse_model_address(std::string_view text) {
  if (text.empty()) throw malformed(text);
  if (text.starts_with(kModels)) return parse_registered(text);
  ModelAddress address;
  address.text = text;
  if (text.starts_with(kRuns)) {
    const std::string_view rest = after_scheme(text, kRuns);
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) throw malformed(text);
    address.kind = ModelAddress::Kind::kRun;
    address.selector = rest.substr(0, slash);
    address.name = last_segment(rest);
    return address;
  }
  const std::string_view name = last_segment(text);
  address.name = name.empty() || name == "." || name == ".." ? "model" : name;
  return address;
}

}  // namespace slipway::serving
