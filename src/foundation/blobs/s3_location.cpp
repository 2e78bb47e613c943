#include "foundation/blobs/s3_location.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/http/message.h"

namespace slipway::blobs {

namespace {

constexpr std::string_view kScheme = "s3://";

void check_bucket(std::string_view bucket) {
  const bool plain = std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
  if (bucket.size() < 3 || bucket.size() > 255 || !plain || bucket.find("..") != std::string_view::npos) {
    throw invalid_argument("\"", bucket, "\" is not the name of a bucket: write s3://bucket/prefix");
  }
}

// "http://host:port" and its Host header, which leaves out the scheme's own port.
void set_endpoint(S3Location& out, std::string_view endpoint) {
  while (endpoint.ends_with("/")) endpoint.remove_suffix(1);
  const bool http = endpoint.starts_with("http://");
  const std::string_view host = endpoint.substr(std::min(endpoint.size(), endpoint.find("//") + 2));
  if ((!http && !endpoint.starts_with("https://")) || host.empty() ||
      host.find_first_of("/?#@ ") != std::string_view::npos) {
    throw invalid_argument("S3 endpoint \"", endpoint, "\" is not of the form http://host:port or https://host");
  }
  out.origin = std::string(endpoint);
  const std::string_view own_port = http ? ":80" : ":443";
  out.host = std::string(host.ends_with(own_port) ? host.substr(0, host.size() - own_port.size()) : host);
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto value = environment(name);
    if (value && !value->empty()) return *value;
  }
  return "";
}

void set_place(S3Location& out, std::string_view path) {
  const size_t slash = std::min(path.find('/'), path.size());
  out.bucket = std::string(path.substr(0, slash));
  check_bucket(out.bucket);
  std::string_view prefix = path.substr(std::min(slash + 1, path.size()));
  if (prefix.ends_with("/")) prefix.remove_suffix(1);
  if (prefix.empty()) return;
  check_key(prefix);
  out.prefix = std::string(prefix) + "/";
}

}  // namespace

void set_s3_place(S3Location& location, std::string_view endpoint) {
  location.base_path = "/" + location.bucket;
  if (!endpoint.empty()) {
    set_endpoint(location, endpoint);
  } else if (location.bucket.find_first_of("._") != std::string::npos) {
    // Amazon's certificate covers one label before its own names.
    set_endpoint(location, "https://s3." + location.region + ".amazonaws.com");
  } else {
    set_endpoint(location, "https://" + location.bucket + ".s3." + location.region + ".amazonaws.com");
    location.base_path.clear();
  }
}

S3Location parse_s3_location(const std::string& url, const Environment& environment) {
  if (!url.starts_with(kScheme)) throw invalid_argument("S3 url ", url, ": write s3://bucket/prefix");
  const std::string_view rest = std::string_view(url).substr(kScheme.size());
  const size_t question = std::min(rest.find('?'), rest.size());
  S3Location out;
  set_place(out, rest.substr(0, question));
  std::string endpoint = first_of(environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  out.region = first_of(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  const auto query = http::parse_query(rest.substr(std::min(question + 1, rest.size())));
  if (!query) throw invalid_argument("S3 url ", url, ": the part after ? is malformed");
  for (const auto& [name, value] : *query) {
    if (name == "endpoint") {
      endpoint = value;
    } else if (name == "region") {
      out.region = value;
    } else {
      throw invalid_argument("S3 url ", url, ": unknown setting \"", name, "\"; endpoint and region are known");
    }
  }
  if (out.region.empty()) out.region = "us-east-1";
  set_s3_place(out, endpoint);
  out.credentials = {first_of(environment, {"AWS_ACCESS_KEY_ID"}), first_of(environment, {"AWS_SECRET_ACCESS_KEY"}),
                     first_of(environment, {"AWS_SESSION_TOKEN"})};
  if (out.credentials.access_key.empty() || out.credentials.secret_key.empty()) {
    throw Error(ErrorCode::kUnauthenticated,
                text::concat("no keys for ", url, ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  }
  return out;
}

}  // namespace slipway::blobs
