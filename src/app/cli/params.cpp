#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/report_command.h"
#include "domains/data/yaml.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

size_t indentation(const std::string& line) {
  return line.find_first_not_of(' ') == std::string::npos ? line.size() : line.find_first_not_of(' ');
}

// The line's key if it is `key: ...`, else "".
std::string key_of(const std::string& line) {
  const std::string_view content = text::trim(line);
  const size_t colon = content.find(':');
  if (content.empty() || content[0] == '#' || content[0] == '-' || colon == std::string_view::npos) return "";
  return std::string(content.substr(0, colon));
}

// The index of the line that holds the dotted key; the lines between stay untouched, comments included.
size_t find_line(const std::vector<std::string>& lines, const std::string& dotted, const std::string& file) {
  size_t at = 0;
  size_t inside = 0;  // lines of the searched block are indented at least this much
  const std::vector<std::string> parts = text::split(dotted, '.');
  for (size_t depth = 0; depth < parts.size(); ++depth) {
    bool found = false;
    for (; at < lines.size(); ++at) {
      const std::string key = key_of(lines[at]);
      if (key.empty()) continue;
      if (depth > 0 && indentation(lines[at]) <= inside) break;
      if (key != parts[depth]) continue;
      found = true;
      break;
    }
    if (!found) throw not_found(file, " has no parameter '", dotted, "'");
    inside = indentation(lines[at]);
    if (depth + 1 < parts.size()) ++at;
  }
  return at;
}

// The value under a dotted key; nullptr when there is none.
data::Value* find_value(data::Value& document, const std::string& dotted) {
  data::Value* at = &document;
  for (const std::string& part : text::split(dotted, '.')) {
    at = at->is_map() ? at->find(part) : nullptr;
    if (at == nullptr) return nullptr;
  }
  return at;
}

int set_parameter(const std::string& file, const std::string& key, const std::string& value) {
  if (value.find_first_of("\n\r") != std::string::npos) throw invalid_argument("a parameter is one line of text");
  const std::string before = files::read(file);
  data::Value wanted = data::parse_yaml(before, file);
  data::Value* parameter = find_value(wanted, key);
  if (parameter == nullptr) throw not_found(file, " has no parameter '", key, "'");
  if (parameter->is_collection()) throw invalid_argument(file, ": '", key, "' holds other parameters, not a value");
  *parameter = data::scalar_value(value);

  std::vector<std::string> lines = text::split(before, '\n');
  std::string& line = lines[find_line(lines, key, file)];
  const size_t colon = line.find(':');
  size_t tail = line.find(" #", colon);
  tail = tail == std::string::npos ? line.size() : line.find_last_not_of(' ', tail) + 1;
  line = text::concat(line.substr(0, colon), ": ", value, line.substr(tail));
  const std::string after = text::join(lines, "\n");
  // Lines are all that this knows of YAML. Where that was not enough (text over several lines, a quoted '#', a value
  // that is more than a scalar), the file would say something else than was asked for: then it stays as it was.
  if (!(data::parse_yaml(after, file) == wanted)) {
    throw invalid_argument(file, ": cannot change '", key, "' to '", value, "' in place; edit the file by hand");
  }
  files::write_atomic(file, after);
  return kExitOk;
}

Action declare_params(CLI::App& parser) {
  struct Flags {
    std::string file;
    std::string key;
    std::string value;
  };
  const auto flags = std::make_shared<Flags>();
  const auto comparing = std::make_shared<ReportFlags>();
  parser.require_subcommand(1);
  CLI::App* diff = parser.add_subcommand("diff", "Compare the parameters of two revisions");
  declare_diff(*diff, *comparing, data::ReportKind::kParameters);
  CLI::App* set = parser.add_subcommand("set", "Put one value into a YAML file, leaving all else as it is");
  set->add_option("file", flags->file, "params.yaml")->required();
  set->add_option("key", flags->key, "Dotted key, as in train.until")->required();
  set->add_option("value", flags->value, "The new value")->required();
  return [flags, comparing, diff] {
    if (diff->parsed()) return run_diff(*comparing, data::ReportKind::kParameters);
    return set_parameter(flags->file, flags->key, flags->value);
  };
}

}  // namespace

Command params_command() {
  Command command;
  command.name = "params";
  command.group = "Data";
  command.summary = "Compare parameters between revisions, and change a parameter file";
  command.example = "  slipway params diff main\n  slipway params set params.yaml train.until 2013-10-01";
  command.declare = declare_params;
  return command;
}

}  // namespace slipway::cli
