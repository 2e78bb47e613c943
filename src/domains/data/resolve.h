// The template language of dvc.yaml: vars, ${...}, foreach and matrix. Turns the file into plain stage definitions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domains/data/file_source.h"
#include "domains/data/value.h"

namespace slipway::data {

struct StageDefinition {
  std::string name;
  Value fields;  // cmd, deps, outs, ... with every ${} replaced
};

// How values inside a command are written (parsing.bool and parsing.list of the configuration).
struct FlagStyle {
  bool negative_flags = false;    // --no-name for false
  bool repeat_list_flag = false;  // --name 1 --name 2
};

struct ResolvedPipeline {
  std::vector<StageDefinition> stages;
  Value others = Value::map();  // the top-level keys besides stages and vars
};

// `folder` is that of the dvc.yaml, where parameter files are looked for; `name` stands for the file in messages.
ResolvedPipeline resolve_pipeline(const Value& pipeline, const std::string& folder, const std::string& name,
                                  const FlagStyle& style = {}, const FileSource& source = disk());

// One text with every ${} replaced by values of `context`. A text that is one ${} keeps the value's type.
// `in_command`: maps become flags. Throws invalid_argument when a key is unknown.
Value interpolate(std::string_view text, const Value& context, bool in_command, const FlagStyle& style = {});

}  // namespace slipway::data
