// The rows of registered models with their tags, and of aliases. Used by Registry inside its transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/registry/model.h"
#include "domains/tracking/paging.h"
#include "foundation/base/error.h"

namespace slipway::registry {

class ModelStore {
 public:
  explicit ModelStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // The key of the model's row; get_id throws not_found.
  std::optional<int64_t> find_id(const std::string& name);
  int64_t get_id(const std::string& name);
  RegisteredModel get(const std::string& name);
  Page<RegisteredModel> search(const Search& search, const tracking::PageRequest& request);

  // Throws already_exists.
  void insert(const std::string& name, const std::string& description, const std::vector<Tag>& tags, int64_t now_ms);
  void rename(const std::string& name, const std::string& new_name, int64_t now_ms);
  void set_description(int64_t model, const std::string& description);
  void touch(int64_t model, int64_t now_ms);
  // With versions, tags and aliases.
  void remove(int64_t model);
  void set_tag(int64_t model, const Tag& tag);
  // Whether it was there.
  bool remove_tag(int64_t model, const std::string& key);
  bool is_prompt(int64_t model);

  // `version` is the key of the version's row.
  void set_alias(int64_t model, const std::string& alias, int64_t version);
  bool remove_alias(int64_t model, const std::string& alias);
  std::optional<int64_t> find_alias(int64_t model, const std::string& alias);

 private:
  struct Row;
  static Row row_of(const sql::Row& row);
  Error taken(const std::string& name, bool by_prompt);
  std::vector<RegisteredModel> with_children(const std::vector<Row>& rows);

  sql::Transaction& transaction_;
};

// Tags that mark a registered model as a prompt; searches hide those unless the filter names this tag.
inline constexpr std::string_view kPromptTag = "mlflow.prompt.is_prompt";
// Of a tag that is there twice the last value counts.
bool is_prompt(const std::vector<Tag>& tags);

}  // namespace slipway::registry
