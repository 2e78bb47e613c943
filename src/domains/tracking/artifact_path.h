// The one rule for paths of artifacts that come from outside. Used by Artifacts and wherever a location is stored.
#pragma once

#include <string>
#include <string_view>

namespace slipway::tracking {

// Percent-decodes again and again until nothing changes, so that no double encoding gets past a check.
std::string decode_until_stable(std::string_view text);

// A path below the artifact root in its plain form, without slashes at the ends; "" is the root. Throws
// invalid_argument("Invalid path") for anything that, decoded, is absolute, climbs (`..`), names a drive, or holds
// a backslash, `#` or a control character.
std::string checked_artifact_path(std::string_view path);

// The path below the server's artifact root that "mlflow-artifacts:/1/abc/artifacts" names, or the same by its URL
// ("http://host/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts"); false if the location is elsewhere.
bool is_own_location(std::string_view location);
std::string path_of_location(std::string_view location);

}  // namespace slipway::tracking
