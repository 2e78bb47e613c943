#include "foundation/sql/postgres_connection.h"

#include <array>
#include <utility>

#include "foundation/base/text.h"
#include "foundation/sql/placeholders.h"
#include "foundation/sql/values.h"

namespace slipway::sql {

namespace {

constexpr size_t kMaxPrepared = 300;

// Type numbers that are fixed in PostgreSQL's catalogue.
constexpr Oid kUnknown = 0;
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kText = 25;
constexpr Oid kFloat8 = 701;

// By the order of Value's alternatives; NULL takes whatever type its place has.
constexpr std::array<Oid, 5> kTypes = {kUnknown, kInt8, kFloat8, kText, kBytea};
constexpr std::string_view kTypeLetters = "nidtb";

std::string one_line(const char* message) {
  return text::replace_all(text::trim(message == nullptr ? "" : message), "\n", "; ");
}

ErrorCode code_of_class(std::string_view state) {
  struct Mapping {
    std::string_view prefix;
    ErrorCode code;
  };
  static constexpr Mapping kMappings[] = {
      {"23505", ErrorCode::kAlreadyExists},
      {"23", ErrorCode::kFailedPrecondition},
      {"40", ErrorCode::kUnavailable},
      {"55P03", ErrorCode::kUnavailable},
      {"53100", ErrorCode::kOutOfSpace},
      {"53", ErrorCode::kResourceExhausted},
      {"57014", ErrorCode::kDeadlineExceeded},
      {"57P", ErrorCode::kUnavailable},
      {"08", ErrorCode::kUnavailable},
      {"25006", ErrorCode::kFailedPrecondition},
      {"42501", ErrorCode::kPermissionDenied},
      {"28", ErrorCode::kUnauthenticated},
      {"54", ErrorCode::kTooLarge},
      {"XX001", ErrorCode::kDataLoss},
      {"XX002", ErrorCode::kDataLoss},
      {"2201B", ErrorCode::kInvalidArgument},
  };
  for (const Mapping& mapping : kMappings) {
    if (state.starts_with(mapping.prefix)) return mapping.code;
  }
  return ErrorCode::kInternal;
}

std::string message_of(ErrorCode code, std::string_view state, std::string_view detail, std::string_view statement) {
  if (state == "25006") return text::concat("a read may not change rows: ", statement);
  switch (code) {
    case ErrorCode::kAlreadyExists:
      return text::concat("a row with the same key exists already: ", detail);
    case ErrorCode::kFailedPrecondition:
      return text::concat("the row breaks a rule of its table: ", detail);
    case ErrorCode::kUnavailable:
      return text::concat("the database could not take this now, try again: ", detail);
    case ErrorCode::kOutOfSpace:
    case ErrorCode::kResourceExhausted:
      return text::concat("the database server is out of space, memory or connections: ", detail);
    case ErrorCode::kDataLoss:
      return text::concat("the database is damaged; restore a backup: ", detail);
    case ErrorCode::kInternal:
      return text::concat("database: ", detail, " (", state, ") in: ", statement);
    default:
      return text::concat("database: ", detail);
  }
}

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

class PostgresRow final : public Row {
 public:
  PostgresRow(const PostgresLibrary& library, PGresult* result, int row)
      : library_(library), result_(result), row_(row) {}

  bool is_null(int column) const override { return library_.getisnull(result_, row_, checked(column)) != 0; }

  int64_t get_int(int column) const override {
    const std::string_view content = raw(column);
    if (library_.ftype(result_, column) == kBool) return content == "t" ? 1 : 0;
    if (const auto integer = text::parse_int(content)) return *integer;
    return static_cast<int64_t>(get_double(column));
  }

  double get_double(int column) const override {
    const std::string_view content = raw(column);
    if (library_.ftype(result_, column) == kBool) return content == "t" ? 1 : 0;
    return text::parse_double(content).value_or(0);
  }

  std::string get_text(int column) const override { return std::string(raw(column)); }

  std::string get_bytes(int column) const override {
    std::string_view content = raw(column);
    if (library_.ftype(result_, column) != kBytea || !content.starts_with("\\x")) return std::string(content);
    content.remove_prefix(2);
    std::string out(content.size() / 2, '\0');
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<char>(hex_digit(content[2 * i]) * 16 + hex_digit(content[2 * i + 1]));
    }
    return out;
  }

 private:
  int checked(int column) const {
    if (column < 0 || column >= library_.nfields(result_)) throw internal_error("the query has no column ", column);
    return column;
  }
  // "" for NULL.
  std::string_view raw(int column) const {
    checked(column);
    return {library_.getvalue(result_, row_, column), static_cast<size_t>(library_.getlength(result_, row_, column))};
  }

  const PostgresLibrary& library_;
  PGresult* result_;
  int row_;
};

// The arrays that libpq wants; text format for all but bytes.
struct Parameters {
  std::vector<std::string> numbers;  // text of what is not text already
  std::vector<const char*> contents;
  std::vector<int> lengths;
  std::vector<int> formats;

  explicit Parameters(const Values& values) {
    numbers.reserve(values.size());  // pointers into it must stay
    for (const Value& value : values) add(value);
  }
  void add(const Value& value) {
    const auto* bytes = std::get_if<Bytes>(&value);
    formats.push_back(bytes != nullptr ? 1 : 0);
    lengths.push_back(bytes != nullptr ? static_cast<int>(bytes->value.size()) : 0);
    if (bytes != nullptr) {
      contents.push_back(bytes->value.data());
    } else if (const auto* content = std::get_if<std::string>(&value)) {
      contents.push_back(content->c_str());
    } else if (const auto* integer = std::get_if<int64_t>(&value)) {
      contents.push_back(numbers.emplace_back(std::to_string(*integer)).c_str());
    } else if (const auto* number = std::get_if<double>(&value)) {
      contents.push_back(numbers.emplace_back(text::format_double(*number)).c_str());
    } else {
      contents.push_back(nullptr);
    }
  }
};

}  // namespace

PostgresConnection::PostgresConnection(const PostgresLibrary& library, const std::string& url,
                                       const DatabaseOptions& options)
    : library_(library) {
  // What the URL says comes last and wins.
  const std::array keywords = {"connect_timeout", "application_name", "tcp_user_timeout",
                               "client_encoding", "dbname",           static_cast<const char*>(nullptr)};
  const std::array<const char*, 6> settings = {"5", "slipway", "30000", "UTF8", url.c_str(), nullptr};
  connection_ = library_.connectdb_params(keywords.data(), settings.data(), 1);
  if (connection_ == nullptr || broken()) {
    const std::string message =
        connection_ == nullptr ? "out of memory" : one_line(library_.error_message(connection_));
    library_.finish(connection_);
    // The library quotes a URL that it cannot read, and a URL may hold a password.
    throw unavailable("cannot open the PostgreSQL database: ", text::replace_all(message, url, "URL"),
                      "; is the server running, and are host, database name, user and password right?");
  }
  library_.set_notice_processor(
      connection_, [](void*, const char*) {}, nullptr);
  try {
    run(text::concat("SET standard_conforming_strings = on; SET bytea_output = 'hex'; SET extra_float_digits = 1;",
                     "SET lock_timeout = ", options.busy_timeout_ms,
                     "; SET idle_in_transaction_session_timeout = 60000"));
  } catch (const PostgresFailure& failure) {
    library_.finish(connection_);
    throw Error(failure.error);
  }
}

PostgresConnection::~PostgresConnection() { library_.finish(connection_); }

PostgresConnection::Result PostgresConnection::checked(PGresult* result, std::string_view statement) const {
  Result owned(result, ClearResult{&library_});
  const ExecStatusType status = result == nullptr ? PGRES_FATAL_ERROR : library_.result_status(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return owned;
  if (status == PGRES_EMPTY_QUERY) throw PostgresFailure{internal_error("empty SQL statement"), "42601"};
  const char* state = result == nullptr ? nullptr : library_.result_error_field(result, PG_DIAG_SQLSTATE);
  if (broken() || state == nullptr) {
    throw PostgresFailure{unavailable("the connection to the PostgreSQL server was lost: ",
                                      one_line(library_.error_message(connection_)), "; try again"),
                          ""};
  }
  const std::string detail = one_line(library_.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY));
  const ErrorCode code = code_of_class(state);
  throw PostgresFailure{Error(code, message_of(code, state, detail, statement)), state};
}

PostgresConnection::Result PostgresConnection::run(const std::string& script) {
  return checked(library_.exec(connection_, script.c_str()), script);
}

const PostgresConnection::Entry& PostgresConnection::prepared(std::string_view statement, const Values& values) {
  // The types of the values are part of what the server prepares.
  std::string key;
  key.reserve(statement.size() + values.size() + 1);
  for (const Value& value : values) key += kTypeLetters[value.index()];
  key += ' ';
  key += statement;
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  const Numbered numbered = number_placeholders(statement);
  if (numbered.count != static_cast<int>(values.size())) {
    throw PostgresFailure{
        internal_error("the statement takes ", numbered.count, " values, got ", values.size(), ": ", statement),
        "08P01"};
  }
  std::vector<Oid> types;
  for (const Value& value : values) types.push_back(kTypes[value.index()]);
  const std::string name = "s" + std::to_string(next_name_++);
  checked(library_.prepare(connection_, name.c_str(), numbered.statement.c_str(), numbered.count, types.data()),
          statement);
  entries_.push_front({std::move(key), name, numbered.count});
  by_key_.emplace(entries_.front().key, entries_.begin());
  evict();
  return entries_.front();
}

void PostgresConnection::evict() {
  if (entries_.size() <= kMaxPrepared) return;
  run("DEALLOCATE " + entries_.back().name);
  by_key_.erase(entries_.back().key);
  entries_.pop_back();
}

PostgresConnection::Result PostgresConnection::run_prepared(std::string_view statement, const Values& values) {
  const Entry& entry = prepared(statement, values);
  const Parameters parameters(values);
  return checked(library_.exec_prepared(connection_, entry.name.c_str(), entry.count, parameters.contents.data(),
                                        parameters.lengths.data(), parameters.formats.data(), 0),
                 statement);
}

void PostgresTransaction::check_usable() const {
  if (failure_) throw Error(failure_->error);
}

PostgresConnection::Result PostgresTransaction::run(const std::function<PostgresConnection::Result()>& statement) {
  check_usable();
  try {
    return statement();
  } catch (const PostgresFailure& failure) {
    failure_ = failure;
    throw Error(failure.error);
  }
}

int64_t PostgresTransaction::execute(std::string_view statement, const Values& values) {
  check_values(values);
  const auto result = run([&] { return connection_.run_prepared(statement, values); });
  return text::parse_int(connection_.library().cmd_tuples(result.get())).value_or(0);
}

void PostgresTransaction::query(std::string_view statement, const Values& values,
                                const std::function<void(const Row&)>& on_row) {
  check_values(values);
  const auto result = run([&] { return connection_.run_prepared(statement, values); });
  const int rows = connection_.library().ntuples(result.get());
  for (int i = 0; i < rows; ++i) on_row(PostgresRow(connection_.library(), result.get(), i));
}

void PostgresTransaction::execute_script(std::string_view script) {
  run([&] { return connection_.run(std::string(script)); });
}

}  // namespace slipway::sql
