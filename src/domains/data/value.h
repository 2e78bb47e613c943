// A tree of plain values as YAML and JSON files hold them, with the order of keys kept. Used by every reader and writer
// of DVC's files; hashes are taken over its Python-style JSON text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::data {

struct Member;

class Value {
 public:
  enum class Kind { kNull, kBool, kInt, kFloat, kDate, kString, kList, kMap };

  // Defined below Member, which must be complete for them.
  Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  static Value boolean(bool value);
  static Value integer(int64_t value);
  // Digits as they stand, for integers that exceed 64 bits.
  static Value digits(std::string text);
  static Value floating(double value);
  static Value date(std::string text);
  static Value string(std::string_view text);
  static Value list();
  static Value map();
  static Value strings(const std::vector<std::string>& items);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_collection() const { return is_list() || is_map(); }
  bool empty() const { return items_.empty() && members_.empty(); }

  bool as_bool() const { return boolean_; }
  double as_double() const;
  // The text of a string, the digits of an integer, the date as written.
  const std::string& text() const { return text_; }
  std::vector<Value>& items() { return items_; }
  const std::vector<Value>& items() const { return items_; }
  std::vector<Member>& members() { return members_; }
  const std::vector<Member>& members() const { return members_; }

  void push(Value item) { items_.push_back(std::move(item)); }
  // Replaces in place or appends.
  void set(std::string_view key, Value value);
  void erase(std::string_view key);
  // nullptr when absent (or when this is not a map).
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);

  // As Python compares: 1 == 1.0 == True, maps without order.
  bool operator==(const Value& other) const;

 private:
  Kind kind_ = Kind::kNull;
  bool boolean_ = false;
  double number_ = 0;
  std::string text_;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

struct Member {
  std::string key;
  Value value;
  bool typed_key = false;  // the key was a number, a boolean or null in the file, so it is written without quotes
};

inline Value::Value() = default;
inline Value::Value(const Value&) = default;
inline Value::Value(Value&&) noexcept = default;
inline Value& Value::operator=(const Value&) = default;
inline Value& Value::operator=(Value&&) noexcept = default;
inline Value::~Value() = default;

// The text of Python's json.dumps: ", " and ": ", ASCII only, floats as repr; keys sorted or as they stand.
enum class KeyOrder { kSorted, kAsIs };
std::string python_json(const Value& value, KeyOrder order = KeyOrder::kSorted);
// A string as that writer quotes it.
void append_python_json_string(std::string_view text, std::string& out);

// A copy without the named keys, at every depth.
Value without_keys(const Value& value, const std::vector<std::string_view>& keys);

// What a scalar is called in messages: "true", "1e-05", the text of a string.
std::string plain_text(const Value& value);

}  // namespace slipway::data
