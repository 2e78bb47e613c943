// Calls of a server's API by commands: one request, the body of a good answer, an Error with the server's own
// message otherwise.
#pragma once

#include <string>

#include "foundation/http/client.h"

namespace slipway::cli {

class Api {
 public:
  // `flag` is the value of --server; throws invalid_argument when no server is named anywhere.
  explicit Api(const std::string& flag);
  Api(std::string url, std::string authorization);

  const std::string& url() const { return url_; }
  http::Client& http() { return *http_; }
  std::string get(const std::string& path);
  std::string post(const std::string& path, const std::string& json);
  std::string put(const std::string& path, const std::string& json);
  std::string patch(const std::string& path, const std::string& json);
  std::string remove(const std::string& path, const std::string& json);

 private:
  std::string call(const std::string& method, const std::string& path, const std::string& json);

  std::string url_;
  std::string authorization_;
  std::unique_ptr<http::Client> http_;
};

}  // namespace slipway::cli
