// Amazon's own settings files, ~/.aws/credentials and ~/.aws/config: keys and regions by profile. Used by s3_remote.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace slipway::remotes {

// Sections of "name = value" lines; what is not understood is passed over, as Amazon's programs do.
using AwsFile = std::map<std::string, std::map<std::string, std::string>, std::less<>>;
AwsFile parse_aws_file(std::string_view text);

struct AwsProfile {
  std::string access_key;
  std::string secret_key;
  std::string session_token;
  std::string region;
  std::string endpoint;
};

// What both files say about a profile: the config file calls it "profile NAME" unless it is "default".
AwsProfile find_aws_profile(const AwsFile& credentials, const AwsFile& config, const std::string& profile);

}  // namespace slipway::remotes
