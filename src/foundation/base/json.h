// JSON by Boost.JSON, with the checks that input from outside needs. Include it in .cpp files only: it is heavy.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Parses one document; nesting at most 64, duplicate keys: the last wins. Throws invalid_argument with the position of
// the fault. Bare NaN and Infinity are accepted only by parse_lenient, as strings "NaN", "Infinity", "-Infinity". The
// document lies in `storage`: a monotonic resource makes large ones twice as fast.
using boost::json::storage_ptr;
value parse(std::string_view text, storage_ptr storage = {});
value parse_lenient(std::string_view text, const storage_ptr& storage = {});
value parse_file(const std::string& path);

std::string write(const value& document);
// Two-space indentation, keys in the order they were put in, ends with a newline; for files that people read.
std::string write_pretty(const value& document);
// A double as a JSON value: non-finite ones become the strings "NaN", "Infinity", "-Infinity".
value number(double value);

// Members of an object: absent and null are alike. The typed ones throw invalid_argument naming the key when the type
// is wrong; numbers are taken from strings too where `lenient` clients send them so (int64 as "12").
const value* find(const object& from, std::string_view key);
std::optional<std::string> find_string(const object& from, std::string_view key);
std::optional<int64_t> find_int(const object& from, std::string_view key);
std::optional<double> find_double(const object& from, std::string_view key);
std::optional<bool> find_bool(const object& from, std::string_view key);
std::string get_string(const object& from, std::string_view key);
int64_t get_int(const object& from, std::string_view key);
double get_double(const object& from, std::string_view key);
const array& get_array(const object& from, std::string_view key);
const object& get_object(const object& from, std::string_view key);
// The document itself as an object; throws invalid_argument naming `what`.
const object& as_object(const value& document, std::string_view what);

}  // namespace slipway::json
