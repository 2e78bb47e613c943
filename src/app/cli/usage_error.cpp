#include "app/cli/usage_error.h"

#include <vector>

#include "foundation/base/settings.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

// The command that the words named so far, "slipway monitor apply".
const CLI::App& deepest(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest(*parsed.front());
}

std::string path_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : text::concat(path_of(*parent), " ", app.get_name());
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    for (const std::string& name : option->get_snames()) out.push_back("-" + name);
  }
  return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest_word(word, known);
  return near.empty() ? "" : text::concat("; did you mean '", near, "'?");
}

std::string about_word(const CLI::App& app, const std::string& word) {
  if (word.size() > 1 && word[0] == '-') {
    const std::string flag = word.substr(0, word.find('='));
    return text::concat("there is no flag '", flag, "'", did_you_mean(flag, flags_of(app)));
  }
  std::vector<std::string> children = children_of(app);
  if (children.empty()) return text::concat("one argument too many: '", word, "'");
  // What takes something away is not for who did not write it.
  std::erase_if(children, [](const std::string& name) { return name == "remove" || name == "delete" || name == "gc"; });
  return text::concat("there is no command '", word, "'", did_you_mean(word, children));
}

std::string about(const CLI::App& app, const CLI::ParseError& error) {
  // A misspelt flag is why a required one seems to be missing.
  const std::vector<std::string> left = app.remaining();
  if (!left.empty()) return about_word(app, left.front());
  const std::vector<std::string> children = children_of(app);
  if (!children.empty() && app.get_subcommands().empty()) {
    return text::concat("one of these must follow: ", text::join(children, ", "));
  }
  return error.what();
}

}  // namespace

std::vector<std::string> children_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    out.push_back(child->get_name());
  }
  return out;
}

std::string usage_error_text(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = deepest(app);
  const std::string path = path_of(command);
  return text::concat(path, ": ", about(command, error), "\nsee `", path, " --help`\n");
}

}  // namespace slipway::cli
