#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/remotes/aws_files.h"
#include "foundation/remotes/options.h"
#include "foundation/remotes/s3_remote.h"

namespace slipway::remotes {

namespace {

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return "";
}

AwsFile read_aws_file(const std::string& named, const std::string& variable, const std::string& standard) {
  const std::string path = expand_home(first_of({named, variable, standard}));
  if (!files::exists(path)) return {};
  return parse_aws_file(files::read(path));
}

}  // namespace

blobs::S3Location s3_location_of(const RemoteAddress& address, const blobs::Environment& environment,
                                 std::string& prefix) {
  const Options options(address.options);
  const auto variable = [&](const char* name) { return environment(name).value_or(""); };
  const std::string wanted =
      first_of({options.get("profile"), variable("AWS_PROFILE"), variable("AWS_DEFAULT_PROFILE")});
  const AwsProfile profile = find_aws_profile(
      read_aws_file(options.get("credentialpath"), variable("AWS_SHARED_CREDENTIALS_FILE"), "~/.aws/credentials"),
      read_aws_file(options.get("configpath"), variable("AWS_CONFIG_FILE"), "~/.aws/config"),
      wanted.empty() ? "default" : wanted);

  const std::string_view rest = std::string_view(address.url).substr(std::string_view("s3://").size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  blobs::S3Location out;
  out.bucket = rest.substr(0, slash);
  prefix = rest.substr(std::min(slash + 1, rest.size()));
  while (prefix.ends_with('/')) prefix.pop_back();
  if (out.bucket.empty()) throw invalid_argument("'", address.url, "' names no bucket: write s3://bucket/path");
  out.region = first_of(
      {options.get("region"), variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"), profile.region, "us-east-1"});
  std::string endpoint = first_of(
      {options.get("endpointurl"), variable("AWS_ENDPOINT_URL_S3"), variable("AWS_ENDPOINT_URL"), profile.endpoint});
  set_s3_place(out, endpoint);
  // A full endpoint says itself how it is spoken to.
  if (endpoint.empty() && !options.flag("use_ssl", true)) out.origin.replace(0, 8, "http://");
  if (options.flag("allow_anonymous_login", false)) return out;

  // A profile that was asked for by name goes before the keys of the environment.
  const blobs::S3Credentials configured = {options.get("access_key_id"), options.get("secret_access_key"),
                                           options.get("session_token")};
  const blobs::S3Credentials of_variables = {variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                                             variable("AWS_SESSION_TOKEN")};
  const blobs::S3Credentials of_files = {profile.access_key, profile.secret_key, profile.session_token};
  const bool named = !options.get("profile").empty();
  for (const auto* keys : {&configured, named ? &of_files : &of_variables, named ? &of_variables : &of_files}) {
    if (keys->access_key.empty() || keys->secret_key.empty()) continue;
    out.credentials = *keys;
    return out;
  }
  throw Error(ErrorCode::kUnauthenticated,
              text::concat("Unable to find AWS credentials for ", address.url,
                           "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile in ~/.aws/credentials, or ",
                           "access_key_id and secret_access_key of the remote"));
}

}  // namespace slipway::remotes
