// What may stand in a configuration file, and what is wrong with what stands there, in DVC's words.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace slipway::data {

struct Setting {
  enum class Type { kText, kBool, kInt, kCount, kSeconds, kLinks, kWords };
  Type type = Type::kText;
  std::vector<std::string> words = {};  // of kWords
};

using SettingSchema = std::map<std::string, Setting, std::less<>>;

// What is wrong with the value; empty: nothing.
std::string fault_of(const Setting& setting, const std::string& value);

// Throws invalid_argument for a section or key that DVC does not know, and for a value that makes no sense. Sections of
// remotes are not for here.
void check_section(const std::string& section, const std::map<std::string, std::string>& values);

}  // namespace slipway::data
