#include "domains/monitoring/prediction_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "domains/monitoring/chunk_codec.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::monitoring {

namespace {

using sql::Transaction;
using sql::Values;

constexpr std::string_view kTables = R"(
CREATE TABLE monitored_models (id {{identity}}, name TEXT NOT NULL UNIQUE, newest_ms BIGINT, revision BIGINT NOT NULL);
CREATE TABLE pending_labels (model_id BIGINT NOT NULL, id_hash BIGINT NOT NULL, label DOUBLE PRECISION NOT NULL,
  arrival_ms BIGINT NOT NULL, PRIMARY KEY (model_id, id_hash));
CREATE TABLE prediction_chunks (id {{identity}}, model_id BIGINT NOT NULL, version TEXT NOT NULL, day BIGINT NOT NULL,
  first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL, row_count BIGINT NOT NULL, keys {{bytes}} NOT NULL,
  inputs {{bytes}} NOT NULL);
CREATE INDEX prediction_chunks_by_day ON prediction_chunks (model_id, day);
CREATE TABLE label_chunks (id {{identity}}, model_id BIGINT NOT NULL, day BIGINT NOT NULL, row_count BIGINT NOT NULL,
  data {{bytes}} NOT NULL);
CREATE INDEX label_chunks_by_day ON label_chunks (model_id, day);
CREATE TABLE monitored_days (model_id BIGINT NOT NULL, day BIGINT NOT NULL, predictions_revision BIGINT NOT NULL,
  labels_revision BIGINT NOT NULL, PRIMARY KEY (model_id, day));
)";
// SQLite would keep a table and an index over all of it; without row ids there is one tree.
constexpr std::string_view kKeysSqlite = R"(
CREATE TABLE prediction_keys (model_id BIGINT NOT NULL, id_hash BIGINT NOT NULL, time_ms BIGINT NOT NULL,
  label DOUBLE PRECISION, PRIMARY KEY (model_id, id_hash)) WITHOUT ROWID;
)";
constexpr std::string_view kKeysPostgresql = R"(
CREATE TABLE prediction_keys (model_id BIGINT NOT NULL, id_hash BIGINT NOT NULL, time_ms BIGINT NOT NULL,
  label DOUBLE PRECISION, PRIMARY KEY (model_id, id_hash));
)";

// The key of the row's prediction, null for one that came without; and, where later predictions came with the same id,
// what the last of them is kept as.
constexpr std::string_view kSeveralOfAnId = R"(
ALTER TABLE prediction_keys ADD COLUMN key_hash BIGINT;
ALTER TABLE prediction_keys ADD COLUMN newest_hash BIGINT;
)";

constexpr double kNoLabel = std::numeric_limits<double>::quiet_NaN();

int64_t hash_of(const std::string& id) {
  Hasher hasher(HashKind::kSha256);
  hasher.update(id);
  int64_t out = 0;
  std::memcpy(&out, hasher.finish_raw().data(), sizeof out);
  return out;
}

std::vector<int64_t> hashes_of(const std::vector<std::string>& ids) {
  std::vector<int64_t> out;
  out.reserve(ids.size());
  for (const std::string& id : ids) {
    if (id.empty()) throw invalid_argument("a prediction id must not be empty");
    out.push_back(hash_of(id));
  }
  return out;
}

void check_lengths(size_t ids, size_t others, std::string_view what) {
  if (ids != others) throw invalid_argument("there are ", ids, " prediction ids but ", others, " ", what);
}

// The model's row, made when new, with the next revision taken. Writers of one model queue up here.
struct ModelWrite {
  int64_t id;
  int64_t revision;
};

ModelWrite next_revision(Transaction& transaction, const std::string& model) {
  ModelWrite out{};
  transaction.query(
      "INSERT INTO monitored_models (name, newest_ms, revision) VALUES (?, NULL, 1) ON CONFLICT (name) DO UPDATE SET "
      "revision = monitored_models.revision + 1 RETURNING id, revision",
      {model}, [&](const sql::Row& row) {
        out = {row.get_int(0), row.get_int(1)};
      });
  return out;
}

std::optional<int64_t> find_model(Transaction& transaction, const std::string& model) {
  return transaction.query_int("SELECT id FROM monitored_models WHERE name = ?", {model});
}

// The hashes of a batch: of its ids, of its keys (none without keys), and under which each row is kept: its id's, or
// its key's where an earlier prediction has the id.
struct BatchHashes {
  std::vector<int64_t> ids;
  std::vector<int64_t> keys;
  std::vector<int64_t> kept_as;

  sql::Value key(size_t row) const { return keys.empty() ? sql::Value() : sql::Value(keys[row]); }
};

BatchHashes hashes_of(const PredictionBatch& batch) {
  BatchHashes out;
  out.ids = hashes_of(batch.ids);
  for (const std::string& key : batch.keys) {
    if (key.empty()) throw invalid_argument("a prediction's key must not be empty");
    // Apart from the ids: nobody's id may be taken for a key.
    out.keys.push_back(hash_of("key " + key));
  }
  out.kept_as = out.ids;
  return out;
}

// Inserts `count` ids from `at` in one statement and tells which were new.
void insert_ids(Transaction& transaction, int64_t model_id, const BatchHashes& hashes,
                const std::vector<int64_t>& times_ms, size_t at, size_t count, std::unordered_set<int64_t>& fresh) {
  std::string statement = "INSERT INTO prediction_keys (model_id, id_hash, time_ms, key_hash) VALUES (?, ?, ?, ?)";
  for (size_t i = 1; i < count; ++i) statement += ", (?, ?, ?, ?)";
  statement += " ON CONFLICT (model_id, id_hash) DO NOTHING RETURNING id_hash";
  Values values;
  for (size_t row = at; row < at + count; ++row) {
    values.emplace_back(model_id);
    values.emplace_back(hashes.ids[row]);
    values.emplace_back(times_ms[row]);
    values.push_back(hashes.key(row));
  }
  transaction.query(statement, values, [&](const sql::Row& row) { fresh.insert(row.get_int(0)); });
}

// Keeps a prediction whose id is taken under its key. False when it is known: the batch was sent again.
bool claim_reused(Transaction& transaction, int64_t model_id, int64_t id, int64_t key, int64_t time_ms) {
  const Values first = {model_id, id, key};
  if (transaction.query_int("SELECT 1 FROM prediction_keys WHERE model_id = ? AND id_hash = ? AND key_hash = ?", first))
    return false;
  const auto made = transaction.query_int(
      "INSERT INTO prediction_keys (model_id, id_hash, time_ms, key_hash) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (model_id, id_hash) DO NOTHING RETURNING id_hash",
      {model_id, key, time_ms, key});
  if (!made) return false;
  transaction.execute("UPDATE prediction_keys SET newest_hash = ? WHERE model_id = ? AND id_hash = ?",
                      {key, model_id, id});
  return true;
}

// Rows of a batch that are new, by day of event time.
struct ClaimedRows {
  std::map<int64_t, std::vector<size_t>> by_day;
  size_t count = 0;
  size_t reused = 0;
};

ClaimedRows claim_rows(Transaction& transaction, int64_t model_id, BatchHashes& hashes,
                       const std::vector<int64_t>& times_ms) {
  std::unordered_set<int64_t> fresh;
  // Few statement lengths, as each is prepared once.
  size_t at = 0;
  for (const size_t step : {size_t{256}, size_t{16}, size_t{1}}) {
    for (; hashes.ids.size() - at >= step; at += step) {
      insert_ids(transaction, model_id, hashes, times_ms, at, step, fresh);
    }
  }
  ClaimedRows out;
  for (size_t row = 0; row < hashes.ids.size(); ++row) {
    if (fresh.erase(hashes.ids[row]) == 0) {
      if (hashes.keys.empty()) continue;
      if (!claim_reused(transaction, model_id, hashes.ids[row], hashes.keys[row], times_ms[row])) continue;
      hashes.kept_as[row] = hashes.keys[row];
      ++out.reused;
    }
    ++out.count;
    out.by_day[times_ms[row] / kDayMs].push_back(row);
  }
  return out;
}

enum class Touched { kPredictions, kLabels };

void touch_day(Transaction& transaction, const ModelWrite& model, int64_t day, Touched what) {
  const std::string column = what == Touched::kPredictions ? "predictions_revision" : "labels_revision";
  const int64_t predictions = what == Touched::kPredictions ? model.revision : 0;
  const int64_t labels = what == Touched::kLabels ? model.revision : 0;
  transaction.execute(
      "INSERT INTO monitored_days (model_id, day, predictions_revision, labels_revision) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (model_id, day) DO UPDATE SET " +
          column + " = excluded." + column,
      {model.id, day, predictions, labels});
}

tables::Table keys_table(const BatchHashes& hashes, const PredictionBatch& batch, const std::vector<size_t>& rows) {
  tables::Column id("id", tables::ColumnType::kInteger);
  tables::Column time("time_ms", tables::ColumnType::kTime);
  tables::Column score("score", tables::ColumnType::kDouble);
  for (const size_t row : rows) {
    id.append_integer(hashes.kept_as[row]);
    time.append_integer(batch.times_ms[row]);
    score.append_double(batch.scores[row]);
  }
  tables::Table out;
  out.add(std::move(id));
  out.add(std::move(time));
  out.add(std::move(score));
  return out;
}

void insert_chunk(Transaction& transaction, int64_t model_id, int64_t day, const BatchHashes& hashes,
                  const PredictionBatch& batch, const std::vector<size_t>& rows) {
  int64_t first_ms = batch.times_ms[rows[0]];
  int64_t last_ms = first_ms;
  for (const size_t row : rows) {
    first_ms = std::min(first_ms, batch.times_ms[row]);
    last_ms = std::max(last_ms, batch.times_ms[row]);
  }
  const tables::Table inputs = batch.inputs.column_count() == 0 ? tables::Table{} : batch.inputs.take(rows);
  transaction.execute(
      "INSERT INTO prediction_chunks (model_id, version, day, first_ms, last_ms, row_count, keys, inputs) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?)",
      {model_id, batch.model_version, day, first_ms, last_ms, static_cast<int64_t>(rows.size()),
       sql::Bytes{encode_chunk(keys_table(hashes, batch, rows))}, sql::Bytes{encode_chunk(inputs)}});
}

struct DayLabels {
  tables::Column ids{"id", tables::ColumnType::kInteger};
  tables::Column labels{"label", tables::ColumnType::kDouble};
  tables::Column arrivals{"arrival_ms", tables::ColumnType::kTime};

  void add(int64_t hash, double label, int64_t arrival_ms) {
    ids.append_integer(hash);
    labels.append_double(label);
    arrivals.append_integer(arrival_ms);
  }
};

void store_labels(Transaction& transaction, const ModelWrite& model, std::map<int64_t, DayLabels>& days) {
  for (auto& [day, labels] : days) {
    const auto rows = static_cast<int64_t>(labels.ids.size());
    tables::Table table;
    table.add(std::move(labels.ids));
    table.add(std::move(labels.labels));
    table.add(std::move(labels.arrivals));
    transaction.execute("INSERT INTO label_chunks (model_id, day, row_count, data) VALUES (?, ?, ?, ?)",
                        {model.id, day, rows, sql::Bytes{encode_chunk(table)}});
    touch_day(transaction, model, day, Touched::kLabels);
  }
}

// Labels that waited for predictions which just came; of several with the label's id the last one gets it.
void join_waiting(Transaction& transaction, const ModelWrite& model, const BatchHashes& hashes,
                  const std::vector<int64_t>& times_ms, const ClaimedRows& claimed) {
  if (!transaction.query_int("SELECT 1 FROM pending_labels WHERE model_id = ? LIMIT 1", {model.id})) return;
  std::vector<size_t> rows;
  for (const auto& [day, rows_of_day] : claimed.by_day) rows.insert(rows.end(), rows_of_day.begin(), rows_of_day.end());
  std::sort(rows.begin(), rows.end(), std::greater<>());
  std::map<int64_t, DayLabels> days;
  for (const size_t row : rows) {
    std::optional<double> label;
    transaction.query("DELETE FROM pending_labels WHERE model_id = ? AND id_hash = ? RETURNING label, arrival_ms",
                      {model.id, hashes.ids[row]}, [&](const sql::Row& found) {
                        label = found.get_double(0);
                        days[times_ms[row] / kDayMs].add(hashes.kept_as[row], *label, found.get_int(1));
                      });
    if (!label) continue;
    transaction.execute("UPDATE prediction_keys SET label = ? WHERE model_id = ? AND id_hash = ?",
                        {*label, model.id, hashes.kept_as[row]});
  }
  store_labels(transaction, model, days);
}

enum class LabelFate { kJoined, kWaiting, kRepeated };

// A label on its way, and where it goes.
class LabelPlacement {
 public:
  LabelPlacement(Transaction& transaction, int64_t model_id) : transaction_(transaction), model_id_(model_id) {}

  void place(int64_t id, double label, int64_t arrival_ms, LabelReceipt& receipt) {
    const int64_t kept_as = newest_of(id);
    if (kept_as != id) ++receipt.ambiguous;
    switch (place_at(id, kept_as, label, arrival_ms)) {
      case LabelFate::kJoined:
        ++receipt.joined;
        break;
      case LabelFate::kWaiting:
        ++receipt.waiting;
        break;
      case LabelFate::kRepeated:
        ++receipt.repeated;
        break;
    }
  }

  std::map<int64_t, DayLabels> days;

 private:
  // What the last prediction with the id is kept as.
  int64_t newest_of(int64_t id) {
    return transaction_
        .query_int(
            "SELECT newest_hash FROM prediction_keys WHERE model_id = ? AND id_hash = ? AND newest_hash IS NOT NULL",
            {model_id_, id})
        .value_or(id);
  }

  LabelFate place_at(int64_t id, int64_t kept_as, double label, int64_t arrival_ms) {
    std::optional<int64_t> time_ms;
    transaction_.query(
        "UPDATE prediction_keys SET label = ? WHERE model_id = ? AND id_hash = ? AND (label IS NULL OR label <> ?) "
        "RETURNING time_ms",
        {label, model_id_, kept_as, label}, [&](const sql::Row& row) { time_ms = row.get_int(0); });
    if (time_ms) {
      days[*time_ms / kDayMs].add(kept_as, label, arrival_ms);
      return LabelFate::kJoined;
    }
    if (transaction_.query_int("SELECT 1 FROM prediction_keys WHERE model_id = ? AND id_hash = ?",
                               {model_id_, kept_as}))
      return LabelFate::kRepeated;
    transaction_.execute(
        "INSERT INTO pending_labels (model_id, id_hash, label, arrival_ms) VALUES (?, ?, ?, ?) ON CONFLICT (model_id, "
        "id_hash) DO UPDATE SET label = excluded.label, arrival_ms = excluded.arrival_ms",
        {model_id_, id, label, arrival_ms});
    return LabelFate::kWaiting;
  }

  Transaction& transaction_;
  const int64_t model_id_;
};

using LabelsById = std::unordered_map<int64_t, double>;

LabelsById read_labels(Transaction& transaction, int64_t model_id, int64_t first_day, int64_t last_day) {
  LabelsById out;
  transaction.query("SELECT data FROM label_chunks WHERE model_id = ? AND day BETWEEN ? AND ? ORDER BY id",
                    {model_id, first_day, last_day}, [&](const sql::Row& row) {
                      const tables::Table chunk = decode_chunk(row.get_bytes(0));
                      const auto ids = chunk.get("id").integers();
                      const auto labels = chunk.get("label").doubles();
                      for (size_t i = 0; i < ids.size(); ++i) out[ids[i]] = labels[i];
                    });
  return out;
}

// Adds a chunk's rows of the time range; returns which they were.
std::vector<size_t> append_rows(const tables::Table& keys, int64_t from_ms, int64_t to_ms, uint32_t version,
                                const LabelsById& labels, PredictionRows& out) {
  const auto ids = keys.get("id").integers();
  const auto times = keys.get("time_ms").integers();
  const auto scores = keys.get("score").doubles();
  std::vector<size_t> taken;
  for (size_t row = 0; row < times.size(); ++row) {
    if (times[row] < from_ms || times[row] >= to_ms) continue;
    taken.push_back(row);
    const auto label = labels.find(ids[row]);
    out.times_ms.push_back(times[row]);
    out.scores.push_back(scores[row]);
    out.labels.push_back(label == labels.end() ? kNoLabel : label->second);
    out.version_of_row.push_back(version);
  }
  return taken;
}

uint32_t index_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<uint32_t>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  return index;
}

void check_batch(const PredictionBatch& batch, int64_t now_ms) {
  check_lengths(batch.ids.size(), batch.times_ms.size(), "times");
  check_lengths(batch.ids.size(), batch.scores.size(), "scores");
  if (!batch.keys.empty()) check_lengths(batch.ids.size(), batch.keys.size(), "keys");
  if (batch.inputs.column_count() > 0) check_lengths(batch.ids.size(), batch.inputs.rows(), "rows of inputs");
  for (const int64_t time_ms : batch.times_ms) {
    if (time_ms < 0 || time_ms > now_ms + kDayMs) {
      throw invalid_argument("event time ", time_ms, " is not between 1970 and a day from now; send UTC milliseconds");
    }
  }
}

}  // namespace

PredictionStore::PredictionStore(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {
  const std::string_view keys = database.dialect() == sql::Dialect::kSqlite ? kKeysSqlite : kKeysPostgresql;
  database.migrate(
      "predictions",
      {{1, "predictions", kTables}, {2, "prediction keys", keys}, {3, "several predictions of an id", kSeveralOfAnId}});
}

PredictionReceipt PredictionStore::add_predictions(const std::string& model, const PredictionBatch& batch) {
  check_batch(batch, clock_.now_ms());
  if (batch.ids.empty()) return {};
  const BatchHashes given = hashes_of(batch);
  const int64_t newest_ms = *std::max_element(batch.times_ms.begin(), batch.times_ms.end());
  return database_.write_value<PredictionReceipt>([&](Transaction& transaction) {
    BatchHashes hashes = given;
    const ModelWrite model_write = next_revision(transaction, model);
    const ClaimedRows claimed = claim_rows(transaction, model_write.id, hashes, batch.times_ms);
    for (const auto& [day, rows] : claimed.by_day) {
      insert_chunk(transaction, model_write.id, day, hashes, batch, rows);
      touch_day(transaction, model_write, day, Touched::kPredictions);
    }
    join_waiting(transaction, model_write, hashes, batch.times_ms, claimed);
    transaction.execute(
        "UPDATE monitored_models SET newest_ms = ? WHERE id = ? AND (newest_ms IS NULL OR newest_ms < ?)",
        {newest_ms, model_write.id, newest_ms});
    return PredictionReceipt{claimed.count, batch.ids.size() - claimed.count, claimed.reused};
  });
}

LabelReceipt PredictionStore::add_labels(const std::string& model, const LabelBatch& batch) {
  check_lengths(batch.ids.size(), batch.labels.size(), "labels");
  if (!batch.arrivals_ms.empty()) check_lengths(batch.ids.size(), batch.arrivals_ms.size(), "times");
  const int64_t now_ms = clock_.now_ms();
  const std::vector<int64_t> hashes = hashes_of(batch.ids);
  if (hashes.empty()) return {};
  return database_.write_value<LabelReceipt>([&](Transaction& transaction) {
    const ModelWrite model_write = next_revision(transaction, model);
    LabelReceipt receipt;
    LabelPlacement placement(transaction, model_write.id);
    for (size_t i = 0; i < hashes.size(); ++i) {
      const int64_t arrival_ms = batch.arrivals_ms.empty() ? now_ms : batch.arrivals_ms[i];
      placement.place(hashes[i], batch.labels[i], arrival_ms, receipt);
    }
    store_labels(transaction, model_write, placement.days);
    return receipt;
  });
}

std::optional<int64_t> PredictionStore::newest_ms(const std::string& model) const {
  return database_.read_value<std::optional<int64_t>>([&](Transaction& transaction) {
    return transaction.query_int("SELECT newest_ms FROM monitored_models WHERE name = ? AND newest_ms IS NOT NULL",
                                 {model});
  });
}

std::vector<DayRevision> PredictionStore::day_revisions(const std::string& model) const {
  return database_.read_value<std::vector<DayRevision>>([&](Transaction& transaction) {
    return transaction.query_all<DayRevision>(
        "SELECT d.day, d.predictions_revision, d.labels_revision FROM monitored_days d JOIN monitored_models m ON m.id "
        "= d.model_id "
        "WHERE m.name = ? ORDER BY d.day",
        {model}, [](const sql::Row& row) {
          return DayRevision{row.get_int(0), row.get_int(1), row.get_int(2)};
        });
  });
}

PredictionRows PredictionStore::read(const std::string& model, int64_t from_ms, int64_t to_ms,
                                     ReadInputs inputs) const {
  PredictionRows out;
  from_ms = std::max<int64_t>(from_ms, 0);  // the first window may begin before 1970
  if (to_ms <= from_ms) return out;
  std::vector<tables::Table> parts;
  std::vector<std::vector<size_t>> rows_of_parts;
  database_.read([&](Transaction& transaction) {
    const std::optional<int64_t> model_id = find_model(transaction, model);
    if (!model_id) return;
    const int64_t first_day = from_ms / kDayMs;
    const int64_t last_day = (to_ms - 1) / kDayMs;
    const LabelsById labels = read_labels(transaction, *model_id, first_day, last_day);
    const std::string cells = inputs == ReadInputs::kYes ? "version, keys, inputs" : "version, keys";
    transaction.query(
        "SELECT " + cells +
            " FROM prediction_chunks WHERE model_id = ? AND day BETWEEN ? AND ? AND last_ms >= ? AND first_ms < ? "
            "ORDER BY day, id",
        {*model_id, first_day, last_day, from_ms, to_ms}, [&](const sql::Row& row) {
          const uint32_t version = index_of(out.versions, row.get_text(0));
          auto taken = append_rows(decode_chunk(row.get_bytes(1)), from_ms, to_ms, version, labels, out);
          if (inputs == ReadInputs::kNo || taken.empty()) return;
          parts.push_back(decode_chunk(row.get_bytes(2)));
          rows_of_parts.push_back(std::move(taken));
        });
  });
  if (inputs == ReadInputs::kYes) out.inputs = concatenate(parts, rows_of_parts);
  return out;
}

}  // namespace slipway::monitoring
