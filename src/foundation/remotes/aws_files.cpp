#include "foundation/remotes/aws_files.h"

#include <algorithm>

#include "foundation/base/text.h"

namespace slipway::remotes {

namespace {

void take(const AwsFile& file, const std::string& section, AwsProfile& out) {
  const auto found = file.find(section);
  if (found == file.end()) return;
  const auto fill = [&](const char* name, std::string& into) {
    const auto value = found->second.find(name);
    if (value != found->second.end() && into.empty()) into = value->second;
  };
  fill("aws_access_key_id", out.access_key);
  fill("aws_secret_access_key", out.secret_key);
  fill("aws_session_token", out.session_token);
  fill("region", out.region);
  fill("endpoint_url", out.endpoint);
}

}  // namespace

AwsFile parse_aws_file(std::string_view text) {
  AwsFile out;
  std::string section;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view line = text::trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      section = text::trim(line.substr(1, line.find(']') == std::string_view::npos ? line.size() : line.find(']') - 1));
      continue;
    }
    // An indented line belongs to a nested setting, which says nothing about keys.
    if (raw[0] == ' ' || raw[0] == '\t') continue;
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    out[section][text::lower(text::trim(line.substr(0, equals)))] = text::trim(line.substr(equals + 1));
  }
  return out;
}

AwsProfile find_aws_profile(const AwsFile& credentials, const AwsFile& config, const std::string& profile) {
  AwsProfile out;
  take(credentials, profile, out);
  take(config, profile == "default" ? profile : "profile " + profile, out);
  return out;
}

}  // namespace slipway::remotes
