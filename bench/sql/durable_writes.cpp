// Durable small writes from many clients at once: group commit against one transaction per write, on the same disk; the
// latter with the same settings and code, and with SQLite as it comes (rollback journal, two to three syncs a write).
// Usage: bench_sql [--folder DIR] [--clients 32] [--seconds 2] [--rounds 4] [--json]
// The folder must lie on the disk in question; a temporary folder in memory would measure nothing.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/text.h"
#include "foundation/sql/sqlite_database.h"

namespace {

using slipway::sql::SqliteDatabase;
using slipway::sql::Transaction;
using Seconds = std::chrono::duration<double>;

struct Settings {
  std::string folder = ".";
  int clients = 32;
  double seconds = 2;
  int rounds = 4;
  bool json = false;
};

struct Totals {
  double writes = 0;
  double commits = 0;
  double seconds = 0;
  std::vector<double> latencies_ms;
};

struct Figures {
  double writes_per_second = 0;
  double writes_per_commit = 0;
  double median_ms = 0;
  double p99_ms = 0;
};

Settings read_settings(const std::vector<std::string>& arguments) {
  Settings out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--json") {
      out.json = true;
      continue;
    }
    if (i + 1 == arguments.size()) throw slipway::invalid_argument("no value for ", name);
    const std::string& value = arguments[++i];
    const double number = slipway::text::parse_double(value).value_or(0);
    if (name == "--folder") {
      out.folder = value;
    } else if (name == "--clients" && number >= 1) {
      out.clients = static_cast<int>(number);
    } else if (name == "--rounds" && number >= 1) {
      out.rounds = static_cast<int>(number);
    } else if (name == "--seconds" && number > 0) {
      out.seconds = number;
    } else {
      throw slipway::invalid_argument(
          "unknown option or bad value: ", name, " ", value,
          "; usage: bench_sql [--folder DIR] [--clients N] [--seconds S] [--rounds N] [--json]");
    }
  }
  return out;
}

// What a client logs: one metric point.
void write_one(SqliteDatabase& database, int64_t client, int64_t step) {
  database.write([&](Transaction& transaction) {
    transaction.execute(
        "INSERT INTO points (run, name, step, value, time_ms) VALUES (?, ?, ?, ?, ?)",
        {client, std::string("loss"), step, 1.0 / static_cast<double>(step + 1), int64_t{1'700'000'000'000}});
  });
}

// SQLite with its own defaults on one connection, which the clients take turns with.
class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path) {
    check(sqlite3_open(path.c_str(), &handle_));
    check(
        sqlite3_exec(handle_,
                     "CREATE TABLE points (run BIGINT, name TEXT, step BIGINT, value DOUBLE PRECISION, time_ms BIGINT,"
                     " PRIMARY KEY (run, name, step))",
                     nullptr, nullptr, nullptr));
    check(sqlite3_prepare_v2(handle_,
                             "INSERT INTO points (run, name, step, value, time_ms) VALUES (?, 'loss', ?, ?, ?)", -1,
                             &insert_, nullptr));
  }
  ~PlainSqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(handle_);
  }
  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;

  void write_one(int64_t client, int64_t step) {
    const std::lock_guard lock(mutex_);
    sqlite3_bind_int64(insert_, 1, client);
    sqlite3_bind_int64(insert_, 2, step);
    sqlite3_bind_double(insert_, 3, 1.0 / static_cast<double>(step + 1));
    sqlite3_bind_int64(insert_, 4, 1'700'000'000'000);
    if (sqlite3_step(insert_) != SQLITE_DONE) check(sqlite3_errcode(handle_));
    sqlite3_reset(insert_);
  }

 private:
  void check(int result) const {
    if (result != SQLITE_OK) throw slipway::internal_error("plain SQLite: ", sqlite3_errmsg(handle_));
  }

  std::mutex mutex_;  // guards the two below
  sqlite3* handle_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

std::vector<double> run_clients(const std::function<void(int64_t client, int64_t step)>& write,
                                const Settings& settings) {
  std::vector<std::vector<double>> latencies_ms(settings.clients);
  std::vector<std::thread> clients;
  std::atomic<bool> stop = false;
  for (int client = 0; client < settings.clients; ++client) {
    clients.emplace_back([&, client] {
      for (int64_t step = 0; !stop; ++step) {
        const auto before = std::chrono::steady_clock::now();
        write(client, step);
        latencies_ms[client].push_back(Seconds(std::chrono::steady_clock::now() - before).count() * 1000);
      }
    });
  }
  std::this_thread::sleep_for(Seconds(settings.seconds));
  stop = true;
  for (std::thread& client : clients) client.join();
  std::vector<double> all;
  for (const auto& some : latencies_ms) all.insert(all.end(), some.begin(), some.end());
  return all;
}

// Adds one round of `seconds` to `total`.
void measure(const Settings& settings, bool in_groups, Totals& total) {
  const std::string folder = settings.folder + "/bench-sql";
  std::filesystem::remove_all(folder);
  {
    SqliteDatabase database(folder + "/bench.db", {});
    std::mutex turn;  // one at a time has a transaction to itself
    database.write([](Transaction& transaction) {
      transaction.execute(
          "CREATE TABLE points (run BIGINT, name TEXT, step BIGINT, value DOUBLE PRECISION, time_ms BIGINT,"
          " PRIMARY KEY (run, name, step))");
    });
    const auto before = database.stats();
    const auto started = std::chrono::steady_clock::now();
    const std::vector<double> latencies_ms = run_clients(
        [&](int64_t client, int64_t step) {
          std::unique_lock lock(turn, std::defer_lock);
          if (!in_groups) lock.lock();
          write_one(database, client, step);
        },
        settings);
    total.seconds += Seconds(std::chrono::steady_clock::now() - started).count();
    const auto after = database.stats();
    total.writes += static_cast<double>(after.writes - before.writes);
    total.commits += static_cast<double>(after.commits - before.commits);
    total.latencies_ms.insert(total.latencies_ms.end(), latencies_ms.begin(), latencies_ms.end());
  }
  std::filesystem::remove_all(folder);
}

void measure_plain(const Settings& settings, Totals& total) {
  const std::string folder = settings.folder + "/bench-sql-plain";
  std::filesystem::remove_all(folder);
  slipway::files::create_folders(folder);
  {
    PlainSqlite database(folder + "/bench.db");
    const auto started = std::chrono::steady_clock::now();
    const std::vector<double> latencies_ms =
        run_clients([&](int64_t client, int64_t step) { database.write_one(client, step); }, settings);
    total.seconds += Seconds(std::chrono::steady_clock::now() - started).count();
    total.writes += static_cast<double>(latencies_ms.size());
    total.commits = total.writes;
    total.latencies_ms.insert(total.latencies_ms.end(), latencies_ms.begin(), latencies_ms.end());
  }
  std::filesystem::remove_all(folder);
}

Figures figures_of(Totals total) {
  std::sort(total.latencies_ms.begin(), total.latencies_ms.end());
  Figures out;
  out.writes_per_second = total.writes / total.seconds;
  out.writes_per_commit = total.writes / total.commits;
  out.median_ms = total.latencies_ms[total.latencies_ms.size() / 2];
  out.p99_ms = total.latencies_ms[total.latencies_ms.size() * 99 / 100];
  return out;
}

void print(const Settings& settings, const Figures& grouped, const Figures& alone, const Figures& plain) {
  const double ratio = grouped.writes_per_second / alone.writes_per_second;
  const double plain_ratio = grouped.writes_per_second / plain.writes_per_second;
  if (settings.json) {
    std::printf(
        "{\"clients\": %d, \"group_commit_writes_per_second\": %.1f, \"group_commit_writes_per_commit\": %.2f, "
        "\"single_writes_per_second\": %.1f, \"ratio\": %.2f, \"plain_sqlite_writes_per_second\": %.1f, "
        "\"plain_sqlite_ratio\": %.2f}\n",
        settings.clients, grouped.writes_per_second, grouped.writes_per_commit, alone.writes_per_second, ratio,
        plain.writes_per_second, plain_ratio);
    return;
  }
  const auto line = [](const char* name, const Figures& figures) {
    std::printf("%-28s %10.0f writes/s  %6.1f per commit  median %8.2f ms  99%% %8.2f ms\n", name,
                figures.writes_per_second, figures.writes_per_commit, figures.median_ms, figures.p99_ms);
  };
  std::printf("%d clients, %d rounds of %.1f s\n", settings.clients, settings.rounds, settings.seconds);
  line("group commit", grouped);
  line("one transaction per write", alone);
  line("the same, plain SQLite", plain);
  std::printf(
      "group commit writes %.1f times as much as one transaction per write, %.1f times as much as plain SQLite\n",
      ratio, plain_ratio);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = read_settings(std::vector<std::string>(argv + 1, argv + argc));
    Totals grouped;
    Totals alone;
    Totals plain;
    // In turns: a disk whose speed changes by the minute treats both alike.
    for (int round = 0; round < settings.rounds; ++round) {
      measure(settings, true, grouped);
      measure(settings, false, alone);
      measure_plain(settings, plain);
    }
    print(settings, figures_of(std::move(grouped)), figures_of(std::move(alone)), figures_of(std::move(plain)));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_sql: %s\n", error.what());
    return 1;
  }
  return 0;
}
