#include "domains/genai/record_store.h"

#include "domains/tracking/select.h"
#include "foundation/base/text.h"
#include "foundation/sql/insert_rows.h"

namespace slipway::genai {

namespace {

constexpr std::string_view kSelect =
    "SELECT id, record_id, input_hash, inputs, outputs, expectations, tags, source_type, source_data, source_id, "
    "created_ms, updated_ms, created_by, updated_by FROM evaluation_records";

Record record_of(const sql::Row& row) {
  Record out;
  out.id = RecordId(row.get_text(1));
  out.inputs = row.get_text(3);
  out.outputs = row.find_text(4);
  out.expectations = row.find_text(5);
  out.tags = row.get_text(6);
  if (!row.is_null(7)) out.source = RecordSource{row.get_text(7), row.get_text(8)};
  out.source_id = row.get_text(9);
  out.created_ms = row.get_int(10);
  out.updated_ms = row.get_int(11);
  out.created_by = row.find_text(12);
  out.updated_by = row.find_text(13);
  return out;
}

}  // namespace

std::unordered_map<std::string, Record> RecordStore::find(const std::vector<std::string>& hashes) {
  std::unordered_map<std::string, Record> out;
  const sql::Values values(hashes.begin(), hashes.end());
  tracking::Condition condition = tracking::in_condition("input_hash", values);
  condition.values.insert(condition.values.begin(), dataset_);
  transaction_.query(text::concat(kSelect, " WHERE dataset = ? AND ", condition.text), condition.values,
                     [&](const sql::Row& row) { out.emplace(row.get_text(2), record_of(row)); });
  return out;
}

void RecordStore::insert(const std::vector<Hashed>& records) {
  sql::insert_rows(
      transaction_,
      "INSERT INTO evaluation_records (dataset, record_id, input_hash, inputs, outputs, expectations, tags, "
      "source_type, source_data, source_id, created_ms, updated_ms, created_by, updated_by)",
      14, "", records.size(), [&](size_t row, sql::Values& values) {
        const Record& record = records[row].record;
        values.insert(values.end(),
                      {dataset_, record.id.value, records[row].hash, record.inputs, sql::optional_value(record.outputs),
                       sql::optional_value(record.expectations), record.tags});
        values.push_back(record.source ? sql::Value(record.source->type) : sql::Value(nullptr));
        values.push_back(record.source ? sql::Value(record.source->data) : sql::Value(nullptr));
        values.insert(values.end(), {record.source_id, record.created_ms, record.updated_ms,
                                     sql::optional_value(record.created_by), sql::optional_value(record.updated_by)});
      });
}

void RecordStore::update(const Record& record) {
  transaction_.execute(
      "UPDATE evaluation_records SET outputs = ?, expectations = ?, tags = ?, updated_ms = ?, updated_by = ? WHERE "
      "record_id = ?",
      {sql::optional_value(record.outputs), sql::optional_value(record.expectations), record.tags, record.updated_ms,
       sql::optional_value(record.updated_by), record.id.value});
}

void RecordStore::read_after(int64_t after, int64_t limit,
                             const std::function<void(int64_t row, Record record)>& on_record) {
  transaction_.query(text::concat(kSelect, " WHERE dataset = ? AND id > ? ORDER BY id LIMIT ?"),
                     {dataset_, after, limit}, [&](const sql::Row& row) { on_record(row.get_int(0), record_of(row)); });
}

int64_t RecordStore::remove(const std::vector<RecordId>& ids) {
  sql::Values values;
  for (const RecordId& id : ids) values.emplace_back(id.value);
  tracking::Condition condition = tracking::in_condition("record_id", values);
  condition.values.insert(condition.values.begin(), dataset_);
  return transaction_.execute(text::concat("DELETE FROM evaluation_records WHERE dataset = ? AND ", condition.text),
                              condition.values);
}

}  // namespace slipway::genai
