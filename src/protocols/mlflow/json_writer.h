// Writes JSON straight into a string, without a tree: commas and names are its business. Used by every encoder here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::mlflow {

class JsonWriter {
 public:
  JsonWriter() { out_.reserve(512); }

  // Without a name inside an array or at the top.
  void begin_object(std::string_view name = "");
  void end_object() { out_.push_back('}'); }
  void begin_array(std::string_view name);
  void end_array() { out_.push_back(']'); }
  // Whether nothing was written since an array began.
  bool is_empty_array() const { return out_.ends_with('['); }

  void text(std::string_view name, std::string_view value);
  // Left out when empty, as protobuf's JSON leaves out what was not set.
  void text_if_set(std::string_view name, std::string_view value);
  void integer(std::string_view name, int64_t value);
  // Non-finite values become the strings "NaN", "Infinity", "-Infinity".
  void number(std::string_view name, double value);
  void flag(std::string_view name, bool value);
  // An element of an array.
  void element(std::string_view value);
  // A member that is JSON already.
  void raw(std::string_view name, std::string_view json);
  void raw_element(std::string_view json);

  std::string take() { return std::move(out_); }

 private:
  void comma();
  void key(std::string_view name);

  std::string out_;
};

}  // namespace slipway::mlflow
