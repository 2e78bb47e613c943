#include "domains/tracking/paging.h"

#include <bit>
#include <limits>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::tracking {

namespace {

constexpr size_t kPartDigits = 10;
constexpr char kTextMark = 't';
constexpr char kNumberMark = 'n';

Error no_token(std::string_view why) { return invalid_argument("Invalid page token, ", why); }

// Doubles by their bits, so that the row is found again to the last digit.
json::value encoded(const sql::Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return *whole;
  if (const auto* text = std::get_if<std::string>(&value)) return json::value(kTextMark + *text);
  if (const auto* number = std::get_if<double>(&value)) {
    return json::value(kNumberMark + std::to_string(std::bit_cast<int64_t>(*number)));
  }
  return nullptr;
}

sql::Value decoded(const json::value& value) {
  if (value.is_null()) return nullptr;
  if (value.is_int64()) return value.as_int64();
  if (!value.is_string() || value.as_string().empty()) throw no_token("it holds what is no value");
  const std::string_view text = value.as_string();
  if (text[0] == kTextMark) return std::string(text.substr(1));
  const auto bits = text::parse_int(text.substr(1));
  if (text[0] != kNumberMark || !bits) throw no_token("it holds what is no value");
  return std::bit_cast<double>(*bits);
}

bool is_of(const SortKey& key, const sql::Value& value) {
  switch (key.kind) {
    case SortKey::Kind::kInteger:
      return std::holds_alternative<int64_t>(value);
    case SortKey::Kind::kNumber:
      return std::holds_alternative<double>(value);
    case SortKey::Kind::kText:
      return std::holds_alternative<std::string>(value);
  }
  return false;
}

Condition compared(const SortKey& key, std::string_view symbol, const sql::Value& value) {
  Condition out{text::concat(key.text, " ", symbol, " ?"), key.values};
  out.values.push_back(value);
  return out;
}

Condition joined(const Condition& left, std::string_view word, const Condition& right) {
  Condition out{text::concat("(", left.text, " ", word, " ", right.text, ")"), left.values};
  out.values.insert(out.values.end(), right.values.begin(), right.values.end());
  return out;
}

std::string_view further(const SortKey& key) { return key.ascending ? ">" : "<"; }

sql::Value value_of(const SortKey& key, const sql::Row& row, int column) {
  switch (key.kind) {
    case SortKey::Kind::kInteger:
      return sql::optional_value(row.find_int(column));
    case SortKey::Kind::kNumber:
      return sql::optional_value(row.find_double(column));
    case SortKey::Kind::kText:
      return sql::optional_value(row.find_text(column));
  }
  return nullptr;
}

// A row without its first columns, which are the keys.
class RowBehindKeys : public sql::Row {
 public:
  RowBehindKeys(const sql::Row& row, size_t keys) : row_(row), keys_(static_cast<int>(keys)) {}
  bool is_null(int column) const override { return row_.is_null(keys_ + column); }
  int64_t get_int(int column) const override { return row_.get_int(keys_ + column); }
  double get_double(int column) const override { return row_.get_double(keys_ + column); }
  std::string get_text(int column) const override { return row_.get_text(keys_ + column); }
  std::string get_bytes(int column) const override { return row_.get_bytes(keys_ + column); }

 private:
  const sql::Row& row_;
  const int keys_;
};

}  // namespace

void Question::add(std::string_view name, std::string_view verb, const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all.append(text::concat(value.size(), ":", value, "\n"));
  parts_.push_back({std::string(name), std::string(verb), hash_hex(HashKind::kSha256, all).substr(0, kPartDigits)});
}

void Question::add_experiments(const std::vector<ExperimentId>& experiments) {
  std::vector<std::string> ids;
  for (const ExperimentId& id : experiments) ids.push_back(id.value);
  add("Experiment IDs", "do", ids);
}

Question Question::of(const std::string& kind, const std::vector<ExperimentId>& experiments, const Search& search) {
  Question out(kind);
  out.add_experiments(experiments);
  out.add_filter(search.filter);
  out.add_order(search.order_by);
  out.add("View type", "does", {std::to_string(static_cast<int>(search.visibility))});
  return out;
}

std::string Question::digest() const {
  std::string out;
  for (const Part& part : parts_) out.append(part.digest);
  return out;
}

void Question::take_digest(std::string_view& text) const {
  for (const Part& part : parts_) {
    if (!text.starts_with(part.digest))
      throw no_token(text::concat(part.name, " in the page token ", part.verb, " not match; begin without a token"));
    text.remove_prefix(part.digest.size());
  }
}

std::string encode_position(const sql::Values& position) {
  json::array out;
  for (const sql::Value& value : position) out.push_back(encoded(value));
  return json::write(out);
}

sql::Values decode_position(std::string_view text) {
  const json::value parsed = json::parse(text);
  if (!parsed.is_array()) throw no_token("it holds no position");
  sql::Values out;
  for (const json::value& value : parsed.as_array()) out.push_back(decoded(value));
  return out;
}

PageRequest::PageRequest(int64_t max_results, std::string_view token, const Question& question)
    : max_results_(max_results), digest_(question.digest()) {
  if (token.empty()) return;
  std::string plain;
  try {
    plain = base64_decode(token);
  } catch (const Error&) {
    throw no_token("could not base64-decode");
  }
  std::string_view rest = plain;
  question.take_digest(rest);
  after_ = decode_position(rest);
}

PageRequest PageRequest::all() { return {std::numeric_limits<int64_t>::max() - 1, "", Question("all")}; }

std::string PageRequest::token_after(const sql::Values& position) const {
  return base64_encode(digest_ + encode_position(position));
}

Condition behind(const std::vector<SortKey>& keys, const sql::Values& position) {
  if (position.size() != keys.size()) throw no_token("it belongs to another order");
  Condition out;
  for (size_t i = keys.size(); i-- > 0;) {
    // Where the value is missing, it is so in all rows of the same rank.
    if (std::holds_alternative<std::nullptr_t>(position[i])) continue;
    if (!is_of(keys[i], position[i])) throw no_token("it belongs to another order");
    const Condition beyond = compared(keys[i], further(keys[i]), position[i]);
    out = out.text.empty() ? beyond : joined(beyond, "OR", joined(compared(keys[i], "=", position[i]), "AND", out));
  }
  if (out.text.empty()) throw no_token("it holds no position");
  if (std::holds_alternative<std::nullptr_t>(position[0])) return out;
  // Follows from the rest, but an index can begin there.
  return joined(compared(keys[0], text::concat(further(keys[0]), "="), position[0]), "AND", out);
}

std::optional<std::string> read_rows(sql::Transaction& transaction, SelectBuilder select, const PageRequest& request,
                                     const std::function<void(const sql::Row&)>& on_row) {
  const std::vector<SortKey> keys = select.keys();
  if (request.after()) select.where(behind(keys, *request.after()));
  std::optional<std::string> next;
  sql::Values last;
  int64_t count = 0;
  transaction.query(select.text_with_keys(), select.values_with_keys(request.max_results() + 1),
                    [&](const sql::Row& row) {
                      if (count == request.max_results()) {
                        if (count > 0) next = request.token_after(last);
                        return;
                      }
                      ++count;
                      on_row(RowBehindKeys(row, keys.size()));
                      if (count < request.max_results()) return;
                      for (size_t i = 0; i < keys.size(); ++i)
                        last.push_back(value_of(keys[i], row, static_cast<int>(i)));
                    });
  return next;
}

}  // namespace slipway::tracking
