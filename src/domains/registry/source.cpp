#include "domains/registry/source.h"

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"

namespace slipway::registry {

namespace {

constexpr std::string_view kProxyPath = "/mlflow-artifacts/artifacts/";

Error invalid_source(std::string_view source, std::string_view why) {
  return invalid_argument("Invalid model version source: '", source, "'. ", why);
}

bool starts_with_scheme(std::string_view source, std::string_view scheme) { return source.starts_with(scheme); }

// "runs:/" and "models:/" take one slash; two would name a host.
std::optional<std::string_view> rest_after(std::string_view source, std::string_view scheme) {
  if (!source.starts_with(scheme)) return std::nullopt;
  std::string_view rest = source.substr(scheme.size());
  if (!rest.starts_with('/') || rest.starts_with("//"))
    throw invalid_source(source, "write one slash after the scheme");
  rest.remove_prefix(1);
  return rest;
}

// The path below the artifact root, without slashes at the ends.
std::string proxied_path(std::string_view source) {
  std::string_view rest = source;
  const size_t at = source.find(kProxyPath);
  if (!tracking::is_own_location(source) && at != std::string_view::npos) {
    rest = source.substr(at + kProxyPath.size());
    return tracking::checked_artifact_path(tracking::decode_until_stable(rest));
  }
  return tracking::path_of_location(tracking::decode_until_stable(source));
}

}  // namespace

std::optional<ModelReference> parse_model_reference(std::string_view source) {
  const auto rest = rest_after(source, "models:");
  if (!rest) return std::nullopt;
  ModelReference out;
  const size_t slash = rest->find('/');
  if (slash == std::string_view::npos) {
    if (!rest->starts_with("m-")) throw invalid_source(source, "name a version: models:/NAME/VERSION");
    out.model_id = std::string(*rest);
    return out;
  }
  out.name = std::string(rest->substr(0, slash));
  out.version = text::parse_int(rest->substr(slash + 1));
  if (out.name.empty() || !out.version)
    throw invalid_source(source, "name a version by its number: models:/NAME/VERSION");
  return out;
}

std::optional<std::string> run_of_source(std::string_view source) {
  const auto rest = rest_after(source, "runs:");
  if (!rest) return std::nullopt;
  return std::string(rest->substr(0, rest->find('/')));
}

void refuse_relative_parts(std::string_view source) {
  const std::string plain = tracking::decode_until_stable(source);
  const auto refuse = [&] {
    throw invalid_source(text::replace_all(source, std::string_view("\0", 1), "%00"),
                         "It must be an absolute location without relative path references.");
  };
  for (const char c : plain) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\') refuse();
  }
  for (const std::string& part : text::split(text::replace_all(plain, "?", "/"), '/')) {
    if (part == "..") refuse();
  }
}

bool is_proxied(std::string_view source) {
  return tracking::is_own_location(source) || starts_with_scheme(source, "http:") ||
         starts_with_scheme(source, "https:");
}

bool is_local(std::string_view source) {
  return source.starts_with("file:") || source.find(':') == std::string_view::npos;
}

bool lies_within(std::string_view source, std::string_view root) {
  const bool known = tracking::is_own_location(source) || source.find(kProxyPath) != std::string_view::npos;
  if (!known || !tracking::is_own_location(root)) return false;
  const std::string path = proxied_path(source);
  const std::string above = proxied_path(root);
  return path == above || path.starts_with(above + "/");
}

}  // namespace slipway::registry
