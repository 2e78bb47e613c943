#include "foundation/base/yaml.h"

#include <yaml-cpp/yaml.h>

#include "foundation/base/error.h"

namespace slipway::json {

namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxValues = 1'000'000;

class Converter {
 public:
  explicit Converter(bool only_texts) : only_texts_(only_texts) {}

  value convert(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth) throw invalid_argument("YAML is nested over ", kMaxDepth, " deep", where(node));
    if (++values_ > kMaxValues) throw invalid_argument("YAML holds over ", kMaxValues, " values");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence:
        return sequence(node, depth);
      case YAML::NodeType::Map:
        return map(node, depth);
      default:
        return nullptr;
    }
  }

 private:
  static std::string where(const YAML::Node& node) {
    const YAML::Mark mark = node.Mark();
    return mark.is_null() ? "" : text::concat(" at line ", mark.line + 1, ", column ", mark.column + 1);
  }

  value scalar(const YAML::Node& node) const {
    const std::string& word = node.Scalar();
    if (node.Tag() == "!") return string(word);  // quoted
    if (word.empty() || word == "~" || word == "null") return nullptr;
    if (only_texts_) return string(word);
    if (word == "true" || word == "false") return word == "true";
    if (const auto whole = text::parse_int(word)) return *whole;
    // "nan" and "inf" without YAML's leading point are words.
    const bool numeric = word.find_first_of("0123456789") != std::string::npos;
    if (const auto real = numeric ? text::parse_double(word) : std::nullopt) return *real;
    return string(word);
  }

  static value string(const std::string& word) { return value(boost::json::string(word)); }

  value sequence(const YAML::Node& node, int depth) {
    array out;
    for (const YAML::Node& item : node) out.push_back(convert(item, depth + 1));
    return out;
  }

  value map(const YAML::Node& node, int depth) {
    object out;
    for (const auto& item : node) {
      if (!item.first.IsScalar()) throw invalid_argument("YAML key is not a plain word", where(item.first));
      out[item.first.Scalar()] = convert(item.second, depth + 1);
    }
    return out;
  }

  const bool only_texts_;
  size_t values_ = 0;
};

value load(std::string_view text, bool only_texts) {
  try {
    return Converter(only_texts).convert(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& error) {
    throw invalid_argument("not valid YAML at line ", error.mark.line + 1, ", column ", error.mark.column + 1, ": ",
                           error.msg);
  }
}

}  // namespace

value parse_yaml(std::string_view text) { return load(text, false); }
value parse_yaml_texts(std::string_view text) { return load(text, true); }

}  // namespace slipway::json
