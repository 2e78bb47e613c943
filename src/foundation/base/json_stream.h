// JSON without a tree: a reader that is pulled value by value, and appenders for numbers and strings. For the bodies of
// requests whose cells go straight into columns (the inference protocols, prediction batches); documents of settings
// and messages use base/json.h. Numbers are read exactly: the double nearest to the text, integers of 64 bits unharmed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/base/error.h"

namespace slipway {

// One pass over a text that must outlive it. Every fault throws invalid_argument with the byte where it is. Copies are
// cheap and go on independently, so a caller can look at a value and come back to it.
class JsonReader {
 public:
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };
  struct Number {
    bool is_integer = false;  // written without fraction and exponent, and within 64 bits
    int64_t integer = 0;
    double real = 0;  // always set
  };

  explicit JsonReader(std::string_view text) : text_(text) {}

  // What comes next; NaN, Infinity and -Infinity, which Python's json module writes bare, are numbers.
  Kind peek();
  void read_null();
  bool read_boolean();
  Number read_number();
  // Without its escapes; valid until the next read of this reader.
  std::string_view read_string();

  // begin_array(); while (next_element()) read_...();
  void begin_array();
  bool next_element();
  // begin_object(); std::string key; while (next_member(key)) read_...();
  void begin_object();
  bool next_member(std::string& key);

  // The next value, whatever it is. `skip` says where it stands in the text.
  std::string_view skip();
  // Nothing but blanks may be left.
  void finish();
  size_t position() const { return at_; }
  // For a caller that finds a value of the wrong kind.
  Error fault(std::string_view what) const;

 private:
  static constexpr size_t kMaxDepth = 64;

  void blanks();
  void expect(char wanted, std::string_view what);
  void expect_word(std::string_view word);
  void enter();
  bool next_item(char close);
  std::string_view number_token(bool& is_integer);
  std::optional<double> read_word_number();
  void skip_number();
  std::string_view unescape(size_t start);
  void append_escape();
  uint32_t hex4();

  std::string_view text_;
  size_t at_ = 0;
  size_t depth_ = 0;
  std::array<bool, kMaxDepth> fresh_{};  // per open array or object: nothing read of it yet
  std::string scratch_;                  // a string that had escapes
};

// Shortest text that reads back the same, as Python's repr ("0.5", "3.0", "1e-05"). JSON has no non-finite numbers:
// the caller decides what stands for them.
void append_json_number(std::string& out, double value);
void append_json_number(std::string& out, int64_t value);
// With quotes. Bytes are taken as UTF-8 and pass unchanged, control characters are escaped.
void append_json_string(std::string& out, std::string_view value);
// The name of an object's next member, as far as its value; `out` ends in the object's brace or another member.
void append_json_member(std::string& out, std::string_view name);

}  // namespace slipway
