#include "foundation/identity/permission.h"

#include <array>

#include "foundation/base/error.h"

namespace slipway::identity {

namespace {
constexpr std::array<std::string_view, 5> kNames = {"NO_PERMISSIONS", "READ", "USE", "EDIT", "MANAGE"};
// In the order of ResourceKind; kept in databases.
constexpr std::array<std::string_view, 5> kKinds = {"experiment", "registered_model", "gateway_secret",
                                                    "gateway_model_definition", "gateway_endpoint"};
constexpr std::array<std::string_view, 5> kKindsForPeople = {"experiment ", "registered model ", "gateway secret ",
                                                             "gateway model definition ", "gateway endpoint "};
}  // namespace

std::string_view name_of(Permission permission) { return kNames.at(static_cast<size_t>(permission)); }

std::optional<Permission> parse_permission(std::string_view name) {
  if (name == "DENY") return Permission::kNone;
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Permission>(i);
  }
  return std::nullopt;
}

Permission required_permission(std::string_view name) {
  if (const auto permission = parse_permission(name)) return *permission;
  throw invalid_argument("Invalid permission '", name,
                         "'. Valid permissions are: READ, USE, EDIT, MANAGE, NO_PERMISSIONS");
}

std::string_view name_of(ResourceKind kind) { return kKinds.at(static_cast<size_t>(kind)); }

std::optional<ResourceKind> parse_resource_kind(std::string_view name) {
  if (name == "prompt") return ResourceKind::kModel;
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i] == name) return static_cast<ResourceKind>(i);
  }
  return std::nullopt;
}

std::string to_text(const Resource& resource) {
  return text::concat(kKindsForPeople.at(static_cast<size_t>(resource.kind)), resource.id);
}

}  // namespace slipway::identity
