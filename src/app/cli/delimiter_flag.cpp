#include "app/cli/delimiter_flag.h"

#include "foundation/base/error.h"

namespace slipway::cli {

void add_delimiter_flag(CLI::App& app, std::optional<char>& delimiter) {
  app.add_option_function<std::string>(
      "--delimiter",
      [&delimiter](const std::string& word) {
        if (word != "tab" && word.size() != 1) {
          throw invalid_argument("--delimiter is one character or the word tab, got '", word, "'");
        }
        delimiter = word == "tab" ? '\t' : word[0];
      },
      "What separates the cells of a CSV file; default: what its header shows");
}

}  // namespace slipway::cli
