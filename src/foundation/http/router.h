// Route tables are data: method, pattern, handler, permission. The same table feeds the router, the permission check,
// the metrics labels, the list of routes and the tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/http/message.h"

namespace slipway::http {

using Handler = std::function<Response(Request&)>;

// Parts of a pattern: literal text, {name} for one segment, {name*} for the rest of the path (may be empty, keeps `/`).
// A part may mix: "/v1/models/{model}:predict". Literals win over {name}, {name} over {name*}.
struct Route {
  std::string method;   // "GET" answers HEAD too
  std::string pattern;  // "/api/2.0/mlflow/runs/get"
  Handler handler;
  std::string permission;  // "tracking.read", "" for none needed; what it means is identity's matter
  std::string summary;     // one line for people
};

struct Match {
  const Route* route = nullptr;
  std::map<std::string, std::string, std::less<>> parameters;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  // Throws invalid_argument for a malformed pattern or one that is already there.
  void add(Route route);
  void add(std::vector<Route> routes);
  // The percent-encoded path is split at `/` first and each segment decoded once, so %2F stays inside a segment.
  // A path of over 64 parts has no route. No route: nullptr and, if other methods exist there, their names in
  // allowed_methods.
  Match find(std::string_view method, std::string_view encoded_path, std::vector<std::string>* allowed_methods) const;
  std::vector<const Route*> all() const;

 private:
  struct Node;
  struct Search;
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace slipway::http
