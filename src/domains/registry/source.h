// Where the files of a new version come from, and whether the client may say so: a source must lie inside the run or
// the logged model that the request names, so that nobody registers somebody else's files or makes a reader follow a
// path out of the store. Used by Registry::create_version.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::registry {

// What "models:/..." names.
struct ModelReference {
  std::string model_id;  // models:/m-0123...
  std::string name;      // models:/NAME/3
  std::optional<int64_t> version;
};

// Nothing when the source has another scheme. Throws invalid_argument for a malformed reference.
std::optional<ModelReference> parse_model_reference(std::string_view source);

// The run of "runs:/RUN/path"; nothing when the source has another scheme.
std::optional<std::string> run_of_source(std::string_view source);

// Throws invalid_argument when `..`, NUL or doubled slashes hide in the source, however it is encoded.
void refuse_relative_parts(std::string_view source);

// A place on this server: mlflow-artifacts:/path, or the same through its HTTP address.
bool is_proxied(std::string_view source);
// A path or file: address on somebody's disk.
bool is_local(std::string_view source);
// Compares whole path parts after decoding.
bool lies_within(std::string_view source, std::string_view root);

}  // namespace slipway::registry
