// .dvc files: what `slipway add` writes and everybody reads. Comments and the order of keys in an existing file stay.
#pragma once

#include <string>
#include <string_view>

#include "domains/data/stage.h"

namespace slipway::data {

// Throws invalid_argument with the path when the file is not a valid .dvc file.
Stage parse_dvc_file(std::string_view text, const std::string& path);
Stage read_dvc_file(const std::string& path);
// The text for the stage's outs as they are now; starts from the text the stage was read from.
std::string dvc_file_text(const Stage& stage);
void write_dvc_file(const Stage& stage);

// The fields of a record in the order of a .dvc file: md5, size, nfiles, isexec, hash.
void append_record(const Record& record, Value& entry);

}  // namespace slipway::data
