#include "domains/experiments/overrides.h"

#include <cmath>

#include "domains/data/params.h"
#include "domains/data/params_formats.h"
#include "domains/data/yaml.h"
#include "foundation/base/error.h"

namespace slipway::experiments {

namespace {

constexpr int kDeepest = 50;
constexpr size_t kMostValues = 10'000;

// Reads the part behind the '='.
class ValueReader {
 public:
  explicit ValueReader(std::string_view text) : text_(text) {}

  void read_all(Override& out) {
    if (text::trim(text_).empty()) {
      add(out, data::Value::string(""), "");
      return;
    }
    do {
      skip_blanks();
      const size_t begin = at_;
      const std::string word = peek_word();
      if (is_call(word)) {
        at_ += word.size();
        out.sweep = true;
        word == "range" ? read_range(out) : read_choice(out, word);
      } else {
        data::Value value = read_value(0);
        add(out, std::move(value), std::string(text::trim(text_.substr(begin, at_ - begin))));
      }
      skip_blanks();
    } while (take(','));
    if (at_ != text_.size()) fail("unexpected text");
    if (out.values.size() > 1) out.sweep = true;
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw invalid_argument(why, " at character ", at_ + 1, " of '", text_, "'");
  }
  void add(Override& out, data::Value value, std::string shown) const {
    if (out.values.size() >= kMostValues) fail("more than 10000 values");
    out.values.push_back(std::move(value));
    out.texts.push_back(std::move(shown));
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    skip_blanks();
    if (!take(wanted)) fail(text::concat("'", wanted, "' is missing"));
  }
  std::string peek_word() const {
    size_t end = at_;
    while (end < text_.size() && (std::isalpha(static_cast<unsigned char>(text_[end])) != 0)) ++end;
    return std::string(text_.substr(at_, end - at_));
  }
  bool is_call(const std::string& word) const {
    const bool called = at_ + word.size() < text_.size() && text_[at_ + word.size()] == '(';
    if (!called || word.empty()) return false;
    if (word == "range" || word == "choice") return true;
    throw invalid_argument("'", word, "(' is not supported: choice(a,b) and range(from,to,step) are");
  }

  void read_choice(Override& out, const std::string&) {
    expect('(');
    do {
      skip_blanks();
      const size_t begin = at_;
      data::Value value = read_value(0);
      add(out, std::move(value), std::string(text::trim(text_.substr(begin, at_ - begin))));
      skip_blanks();
    } while (take(','));
    expect(')');
  }

  void read_range(Override& out) {
    expect('(');
    std::vector<data::Value> parts;
    do {
      skip_blanks();
      for (const std::string_view name : {"start=", "stop=", "step="}) {
        if (text_.substr(at_).starts_with(name)) at_ += name.size();
      }
      parts.push_back(read_value(0));
      const bool number =
          parts.back().kind() == data::Value::Kind::kInt || parts.back().kind() == data::Value::Kind::kFloat;
      if (!number || !std::isfinite(parts.back().as_double())) fail("range() takes numbers");
      skip_blanks();
    } while (take(','));
    expect(')');
    if (parts.size() > 3) fail("range() takes from one to three numbers");
    if (parts.size() == 1) parts.insert(parts.begin(), data::Value::integer(0));
    if (parts.size() == 2) parts.push_back(data::Value::integer(1));
    bool whole = true;
    for (const data::Value& part : parts) whole = whole && part.kind() == data::Value::Kind::kInt;
    const double from = parts[0].as_double();
    const double to = parts[1].as_double();
    const double step = parts[2].as_double();
    if (step == 0) fail("the step of range() is 0");
    for (size_t i = 0;; ++i) {
      const double value = from + static_cast<double>(i) * step;
      if (step > 0 ? value >= to : value <= to) break;
      data::Value made = whole ? data::Value::integer(static_cast<int64_t>(value)) : data::Value::floating(value);
      const std::string shown = data::plain_text(made);
      add(out, std::move(made), shown);
    }
    if (out.values.empty()) fail("range() gives no value");
  }

  data::Value read_value(int depth) {
    if (depth > kDeepest) fail("nested too deep");
    skip_blanks();
    if (at_ >= text_.size()) return data::Value::string("");
    const char next = text_[at_];
    if (next == '[') return read_list(depth);
    if (next == '{') return read_map(depth);
    if (next == '\'' || next == '"') return data::Value::string(read_quoted());
    return read_plain();
  }

  data::Value read_list(int depth) {
    data::Value out = data::Value::list();
    expect('[');
    skip_blanks();
    if (take(']')) return out;
    do {
      out.push(read_value(depth + 1));
      skip_blanks();
    } while (take(','));
    expect(']');
    return out;
  }

  data::Value read_map(int depth) {
    data::Value out = data::Value::map();
    expect('{');
    skip_blanks();
    if (take('}')) return out;
    do {
      skip_blanks();
      const bool quoted = at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"');
      const std::string key = quoted ? read_quoted() : std::string(text::trim(read_until(":,{}[]")));
      expect(':');
      out.set(key, read_value(depth + 1));
      skip_blanks();
    } while (take(','));
    expect('}');
    return out;
  }

  std::string read_quoted() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      const bool escaped =
          text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\');
      if (escaped) ++at_;
      out += text_[at_++];
    }
    if (!take(quote)) fail("the quotation mark is not closed");
    return out;
  }

  std::string_view read_until(std::string_view ends) {
    const size_t begin = at_;
    while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
      at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 2 : 1;
    }
    return text_.substr(begin, at_ - begin);
  }

  data::Value read_plain() {
    std::string out;
    const std::string_view raw = text::trim(read_until(",]})"));
    for (size_t i = 0; i < raw.size(); ++i) {
      const bool escaped = raw[i] == '\\' && i + 1 < raw.size() &&
                           std::string_view("\\()[]{}:=, \t").find(raw[i + 1]) != std::string_view::npos;
      if (escaped) ++i;
      out += raw[i];
    }
    const std::string lower = text::lower(out);
    if (lower == "null") return {};
    if (lower == "true" || lower == "false") return data::Value::boolean(lower == "true");
    const data::ScalarKind kind = data::resolve_scalar(out);
    if (kind == data::ScalarKind::kInt || kind == data::ScalarKind::kFloat) return data::scalar_value(out);
    return data::Value::string(out);
  }

  const std::string_view text_;
  size_t at_ = 0;
};

std::string prefix_of(Override::Kind kind) {
  switch (kind) {
    case Override::Kind::kChange:
      return "";
    case Override::Kind::kAdd:
      return "+";
    case Override::Kind::kForceAdd:
      return "++";
    case Override::Kind::kDelete:
      return "~";
  }
  return "";
}

}  // namespace

Override parse_override(std::string_view text) {
  Override out;
  std::string_view rest = text;
  if (rest.starts_with("++")) {
    out.kind = Override::Kind::kForceAdd;
  } else if (rest.starts_with("+")) {
    out.kind = Override::Kind::kAdd;
  } else if (rest.starts_with("~")) {
    out.kind = Override::Kind::kDelete;
  }
  rest.remove_prefix(prefix_of(out.kind).size());
  const size_t equals = rest.find('=');
  out.key = text::trim(rest.substr(0, equals));
  const bool bad_key =
      out.key.empty() || out.key.find_first_of(" \t\n\r,(){}'\"~+") != std::string::npos || out.key.ends_with('.');
  if (bad_key) throw invalid_argument("'", text, "' names no parameter: write name=value");
  if (equals == std::string_view::npos) {
    if (out.kind != Override::Kind::kDelete) throw invalid_argument("'", text, "' has no value: write name=value");
    return out;
  }
  ValueReader(rest.substr(equals + 1)).read_all(out);
  return out;
}

Overrides parse_overrides(const std::vector<std::string>& texts) {
  Overrides out;
  for (const std::string& text : texts) {
    const size_t colon = text.substr(0, text.find('=')).find(':');
    const std::string file = colon == std::string::npos ? "params.yaml" : text.substr(0, colon);
    try {
      out[file].push_back(parse_override(colon == std::string::npos ? text : text.substr(colon + 1)));
    } catch (const Error& error) {
      throw invalid_argument("Invalid `--set-param` value: ", error.what());
    }
  }
  return out;
}

bool has_sweep(const Overrides& overrides) {
  for (const auto& [file, list] : overrides) {
    for (const Override& each : list) {
      if (each.is_sweep()) return true;
    }
  }
  return false;
}

std::vector<Overrides> expand_sweeps(const Overrides& overrides) {
  std::vector<Overrides> out = {{}};
  for (const auto& [file, list] : overrides) {
    for (const Override& each : list) {
      std::vector<Overrides> next;
      for (const Overrides& sofar : out) {
        for (size_t i = 0; i < std::max<size_t>(each.values.size(), 1); ++i) {
          Override one{each.kind, each.key, {}, {}, false};
          if (!each.values.empty()) {
            one.values = {each.values[i]};
            one.texts = {each.texts[i]};
          }
          if (next.size() >= kMostValues) throw invalid_argument("more than 10000 combinations of parameters");
          next.push_back(sofar);
          next.back()[file].push_back(std::move(one));
        }
      }
      out = std::move(next);
    }
  }
  return out;
}

std::string shown(const Overrides& overrides) {
  data::Value out = data::Value::map();
  for (const auto& [file, list] : overrides) {
    data::Value items = data::Value::list();
    for (const Override& each : list) {
      std::string item = prefix_of(each.kind) + each.key;
      if (!each.texts.empty()) item += "=" + text::join(each.texts, ",");
      items.push(data::Value::string(item));
    }
    out.set(file, std::move(items));
  }
  return data::python_literal(out);
}

}  // namespace slipway::experiments
