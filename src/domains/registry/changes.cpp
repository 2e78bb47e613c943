// Registry::record: how changes are named when they are told.
#include "domains/registry/changes.h"

#include <utility>

#include "domains/registry/model_store.h"
#include "domains/registry/registry.h"
#include "foundation/base/text.h"

namespace slipway::registry {

std::map<std::string, std::string> attributes_of(const std::vector<Tag>& tags) {
  std::map<std::string, std::string> out;
  for (const Tag& tag : tags) out["tag." + tag.key] = tag.value;
  return out;
}

void Registry::record_of(sql::Transaction& transaction, Thing thing, int64_t model, std::string_view action,
                         const std::string& name, Attributes attributes) {
  if (!recorder_) return;
  record(transaction, thing, ModelStore(transaction).is_prompt(model), action, name, std::move(attributes));
}

void Registry::record(sql::Transaction& transaction, Thing thing, bool is_prompt, std::string_view action,
                      const std::string& name, Attributes attributes) {
  if (!recorder_) return;
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"registered_model", "prompt"},
                                                                      {"registered_model_tag", "prompt_tag"},
                                                                      {"model_version", "prompt_version"},
                                                                      {"model_version_tag", "prompt_version_tag"},
                                                                      {"model_version_alias", "prompt_alias"}};
  const auto& names = kNames[static_cast<size_t>(thing)];
  const auto version = attributes.find("version");
  const std::string subject = version == attributes.end() ? name : text::concat(name, "/", version->second);
  attributes["name"] = name;
  recorder_(transaction, {text::concat(is_prompt ? names.second : names.first, ".", action), subject,
                          std::move(attributes), clock_.now_ms()});
}

}  // namespace slipway::registry
