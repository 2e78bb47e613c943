#include "domains/data/shared_links.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "domains/data/paths.h"
#include "domains/data/value.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/log.h"
#include "foundation/sql/sqlite_connection.h"

namespace slipway::data {

namespace {

// Whoever holds the list longer than this is stuck.
constexpr int64_t kPatienceMs = 2000;

std::string user_name() {
  for (const char* name : {"LOGNAME", "USER", "LNAME", "USERNAME"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? "" : entry->pw_name;
}

// A text as Python shows it.
std::string python_quoted(std::string_view text) {
  const bool use_double = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char mark = use_double ? '"' : '\'';
  std::string out(1, mark);
  for (const char c : text) {
    if (c == '\\' || c == mark) out.push_back('\\');
    out.push_back(c);
  }
  return out + mark;
}

// Seconds as Python has them, with what gets lost in a double.
double seconds_of(const timespec& time) {
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::string base_folder(const Config& config) {
  const char* set = std::getenv("DVC_SITE_CACHE_DIR");
  if (set != nullptr && *set != '\0') return set;
  return config.folder("core", "site_cache_dir").value_or("/var/tmp/dvc");
}

// DVC names the folder of a repository by where it lies, when it was made, whose it is, and its own major version.
std::string database_of(const std::string& root, const Config& config) {
  struct stat made {};
  if (::stat((root + "/.dvc/tmp/btime").c_str(), &made) != 0) return "";
  const std::string described =
      text::concat("(", python_quoted(root), ", None, ", text::format_double(seconds_of(made.st_mtim)), ", ",
                   python_quoted(user_name()), ", 3, 0)");
  return text::concat(base_folder(config), "/repo/", hash_hex(HashKind::kMd5, described), "/links/cache.db");
}

void append_little_endian(uint64_t number, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((number >> (8U * static_cast<unsigned>(i))) & 0xFFU));
}

// The pair (inode, mark) as Python's pickle writes it, protocol 4.
std::string pickled(uint64_t inode, std::string_view mark) {
  std::string out = "\x80\x04";
  // LONG1 of nine bytes: the highest one keeps the number positive.
  out.append("\x8a\x09");
  append_little_endian(inode, 8, out);
  out.push_back('\0');
  // SHORT_BINUNICODE, TUPLE2, STOP
  out.push_back('\x8c');
  out.push_back(static_cast<char>(mark.size()));
  out.append(mark);
  out.append("\x86.");
  return out;
}

}  // namespace

SharedLinks::SharedLinks(std::string root, const Config& config)
    : root_(std::move(root)), database_(database_of(root_, config)) {}

std::set<std::string> SharedLinks::read() const {
  std::set<std::string> out;
  if (database_.empty() || !files::exists(database_)) return out;
  try {
    sql::SqliteConnection connection(database_, sql::SqliteRole::kReader, kPatienceMs);
    sql::SqliteTransaction transaction(connection);
    transaction.query("SELECT key FROM Cache WHERE raw = 1", {}, [&](const sql::Row& row) {
      // A list that somebody else can write must not lead out of the repository.
      std::string path = row.get_text(0);
      if (paths::is_safe_relative(path)) out.insert(std::move(path));
    });
  } catch (const Error& error) {
    log::warning(text::concat("the list of outputs that dvc keeps in '", database_, "' cannot be read (", error.what(),
                              "); files that dvc placed and that are no longer tracked stay"));
    out.clear();
  }
  return out;
}

// What tells DVC that an output was not touched since: of a file its time, of a folder the hash of the times in it.
std::string SharedLinks::mark_of(const std::string& path, const FilesOf& files) const {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "";
  if (!S_ISDIR(info.st_mode)) {
    return std::to_string(static_cast<int64_t>(std::nearbyint(seconds_of(info.st_mtim) * 1e9)));
  }
  Value times = Value::map();
  for (const std::string& file : files(path)) {
    struct stat inner {};
    if (::stat(file.c_str(), &inner) == 0)
      times.members().push_back({file, Value::floating(seconds_of(inner.st_mtim)), false});
  }
  return hash_hex(HashKind::kMd5, python_json(times));
}

void SharedLinks::update(const std::set<std::string>& entered, const std::set<std::string>& struck,
                         const FilesOf& files) const {
  if (database_.empty() || (entered.empty() && struck.empty()) || !files::exists(database_)) return;
  try {
    sql::SqliteConnection connection(database_, sql::SqliteRole::kWriter, kPatienceMs);
    connection.run("BEGIN IMMEDIATE");
    sql::SqliteTransaction transaction(connection);
    for (const std::string& path : struck) transaction.execute("DELETE FROM Cache WHERE key = ? AND raw = 1", {path});
    for (const std::string& path : entered) {
      struct stat info {};
      const std::string full = paths::join(root_, path);
      const std::string mark = mark_of(full, files);
      if (mark.empty() || ::lstat(full.c_str(), &info) != 0) continue;
      transaction.execute(
          "INSERT INTO Cache(key, raw, store_time, expire_time, access_time, access_count, tag, size, mode, filename, "
          "value) VALUES (?, 1, 0, NULL, 0, 0, NULL, 0, 4, NULL, ?) ON CONFLICT(key, raw) DO UPDATE SET "
          "size = 0, mode = 4, filename = NULL, value = excluded.value",
          {path, sql::Bytes{pickled(info.st_ino, mark)}});
    }
    connection.run("COMMIT");
  } catch (const Error& error) {
    log::warning(text::concat("the list of outputs that dvc keeps in '", database_, "' cannot be written (",
                              error.what(), "); dvc may leave files that are no longer tracked"));
  }
}

}  // namespace slipway::data
