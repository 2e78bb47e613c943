// The rows of records in evaluation datasets. Used by Datasets inside its transactions.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "domains/genai/dataset.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

class RecordStore {
 public:
  RecordStore(sql::Transaction& transaction, int64_t dataset) : transaction_(transaction), dataset_(dataset) {}

  struct Hashed {
    std::string hash;  // of the inputs
    Record record;
  };

  // Those of these inputs, by hash.
  std::unordered_map<std::string, Record> find(const std::vector<std::string>& hashes);
  void insert(const std::vector<Hashed>& records);
  // Outputs, expectations, tags, time and who changed it.
  void update(const Record& record);
  // In the order in which they came, after the row `after`.
  void read_after(int64_t after, int64_t limit, const std::function<void(int64_t row, Record record)>& on_record);
  // Returns how many there were.
  int64_t remove(const std::vector<RecordId>& ids);

 private:
  sql::Transaction& transaction_;
  const int64_t dataset_;
};

}  // namespace slipway::genai
