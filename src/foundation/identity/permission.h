// What somebody may do with a thing that others made: read it, use it, change it, delete it and share it. Used by
// identity's stores and by every protocol that asks before it acts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::identity {

// Each level holds those before it. The order is kept in databases: do not change it.
enum class Permission { kNone, kRead, kUse, kEdit, kManage };

// READ, USE, EDIT, MANAGE, NO_PERMISSIONS.
std::string_view name_of(Permission permission);
// Nothing for an unknown name. DENY is another word for NO_PERMISSIONS.
std::optional<Permission> parse_permission(std::string_view name);
// The same; throws invalid_argument that lists the names.
Permission required_permission(std::string_view name);

// Runs, traces, logged models and files belong to an experiment; versions and prompts to a registered model. The last
// three are the gateway's.
enum class ResourceKind { kExperiment, kModel, kProviderSecret, kModelDefinition, kModelEndpoint };

struct Resource {
  ResourceKind kind;
  std::string id;  // a model's name, the others' id, or kAll
};

// Stands for every resource of a kind that has no permission of its own.
inline constexpr std::string_view kAll = "*";

// Which rows of a search a caller sees. By default all of them.
struct Scope {
  int64_t user_id = 0;
  Permission otherwise = Permission::kManage;  // for what the user has no permission of its own for

  bool sees_all() const { return user_id == 0 && otherwise >= Permission::kRead; }
};

// experiment, registered_model, gateway_secret, gateway_model_definition, gateway_endpoint.
std::string_view name_of(ResourceKind kind);
// Nothing for an unknown name. A prompt is a registered model.
std::optional<ResourceKind> parse_resource_kind(std::string_view name);
// "experiment 7", for messages.
std::string to_text(const Resource& resource);

}  // namespace slipway::identity
