#include "foundation/http/router.h"

#include <algorithm>
#include <array>

#include "foundation/base/error.h"

namespace slipway::http {

namespace {

// One segment of a pattern, cut at its braces: literals and names alternate, beginning with a literal (maybe empty).
struct Segment {
  std::vector<std::string> literals;  // one more than names
  size_t names = 0;

  size_t literal_size() const {
    size_t size = 0;
    for (const std::string& literal : literals) size += literal.size();
    return size;
  }
};

// Each name takes the shortest non-empty text with which the rest still fits. Looking at the end first keeps the time
// in proportion to the text.
bool fits(const Segment& segment, size_t at, std::string_view rest, std::vector<std::string>& values) {
  if (!rest.starts_with(segment.literals[at])) return false;
  rest.remove_prefix(segment.literals[at].size());
  if (at == segment.names) return rest.empty();
  const std::string& next = segment.literals[at + 1];
  if (!rest.ends_with(segment.literals.back())) return false;
  const size_t shortest = at + 1 == segment.names ? rest.size() - next.size() : 1;
  for (size_t length = std::max<size_t>(shortest, 1); length <= rest.size(); ++length) {
    if (!rest.substr(length).starts_with(next)) continue;
    values.emplace_back(rest.substr(0, length));
    if (fits(segment, at + 1, rest.substr(length), values)) return true;
    values.pop_back();
  }
  return false;
}

struct ParsedPattern {
  std::vector<Segment> segments;
  bool takes_rest = false;
  std::vector<std::string> names;
};

void take_name(ParsedPattern& parsed, const std::string& name, std::string_view pattern) {
  const bool word = !name.empty() && std::all_of(name.begin(), name.end(),
                                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!word) throw invalid_argument("route ", pattern, ": {", name, "} is not a name of letters, digits and _");
  if (std::find(parsed.names.begin(), parsed.names.end(), name) != parsed.names.end()) {
    throw invalid_argument("route ", pattern, " has {", name, "} twice");
  }
  parsed.names.push_back(name);
}

Segment parse_segment(ParsedPattern& parsed, std::string_view part, std::string_view pattern) {
  Segment segment;
  for (;;) {
    const size_t open = part.find_first_of("{}");
    segment.literals.emplace_back(part.substr(0, open));
    if (open == std::string_view::npos) return segment;
    const size_t close = part.find('}');
    if (part[open] == '}' || close == std::string_view::npos) {
      throw invalid_argument("route ", pattern, " has unbalanced braces");
    }
    if (segment.names > 0 && segment.literals.back().empty()) {
      throw invalid_argument("route ", pattern, " has two names without text between them");
    }
    // More would make the time to match grow faster than the text.
    if (segment.names == 2) throw invalid_argument("route ", pattern, " has over two names in one part");
    take_name(parsed, std::string(part.substr(open + 1, close - open - 1)), pattern);
    ++segment.names;
    part.remove_prefix(close + 1);
  }
}

ParsedPattern parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) throw invalid_argument("route ", pattern, " does not start with /");
  ParsedPattern parsed;
  const std::vector<std::string> parts = text::split(pattern.substr(1), '/');
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.starts_with('{') && part.ends_with("*}")) {
      if (i + 1 != parts.size()) throw invalid_argument("route ", pattern, ": ", part, " must be the last part");
      take_name(parsed, part.substr(1, part.size() - 3), pattern);
      parsed.takes_rest = true;
      return parsed;
    }
    parsed.segments.push_back(parse_segment(parsed, part, pattern));
  }
  return parsed;
}

// A route at its place in the tree; names belong to the route, so that /a/{id} and /a/{name} share a place.
struct Endpoint {
  const Route* route = nullptr;
  std::vector<std::string> names;
};

constexpr size_t kMaxSegments = 64;

// The encoded path cut at `/`, each piece decoded once, without an allocation for a piece that has no escape.
struct SplitPath {
  std::array<std::string_view, kMaxSegments> parts;
  size_t count = 0;
  std::vector<std::string> decoded;
};

bool split_path(std::string_view path, SplitPath& out) {
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  if (path.find('%') != std::string_view::npos) out.decoded.reserve(kMaxSegments);
  for (;;) {
    if (out.count == kMaxSegments) return false;
    const size_t end = path.find('/');
    std::string_view part = path.substr(0, end);
    if (part.find('%') != std::string_view::npos) {
      auto decoded = percent_decode(part);
      if (!decoded) return false;
      part = out.decoded.emplace_back(*std::move(decoded));
    }
    out.parts[out.count++] = part;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

std::string join_rest(const SplitPath& path, size_t from) {
  std::string rest;
  for (size_t i = from; i < path.count; ++i) {
    if (i > from) rest.push_back('/');
    rest.append(path.parts[i]);
  }
  return rest;
}

}  // namespace

struct Router::Node {
  struct Mixed {
    Segment segment;
    std::unique_ptr<Node> node;
  };
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::vector<Mixed> mixed;  // the one with most literal text first
  std::vector<Endpoint> here;
  std::vector<Endpoint> rest;  // {name*} below this place

  Node& child(const Segment& segment);
};

Router::Node& Router::Node::child(const Segment& segment) {
  if (segment.names == 0) {
    auto& node = literals[segment.literals.front()];
    if (!node) node = std::make_unique<Node>();
    return *node;
  }
  for (Mixed& candidate : mixed) {
    if (candidate.segment.literals == segment.literals) return *candidate.node;
  }
  const auto place = std::find_if(mixed.begin(), mixed.end(), [&](const Mixed& candidate) {
    return candidate.segment.literal_size() < segment.literal_size();
  });
  return *mixed.insert(place, Mixed{segment, std::make_unique<Node>()})->node;
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

void Router::add(Route route) {
  ParsedPattern parsed = parse_pattern(route.pattern);
  Node* node = root_.get();
  for (const Segment& segment : parsed.segments) node = &node->child(segment);
  std::vector<Endpoint>& endpoints = parsed.takes_rest ? node->rest : node->here;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.route->method == route.method) {
      throw invalid_argument("route ", route.method, " ", route.pattern, " is already there as ",
                             endpoint.route->pattern);
    }
  }
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  endpoints.push_back(Endpoint{routes_.back().get(), std::move(parsed.names)});
}

void Router::add(std::vector<Route> routes) {
  for (Route& route : routes) add(std::move(route));
}

std::vector<const Route*> Router::all() const {
  std::vector<const Route*> all;
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

// Depth first, most literal first; a place without the wanted method is passed by, its methods noted.
struct Router::Search {
  std::string_view method;
  const SplitPath& path;
  std::vector<std::string>* allowed_methods;
  std::vector<std::string> values;

  const Endpoint* pick(const std::vector<Endpoint>& endpoints) const {
    const Endpoint* get = nullptr;
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.route->method == method) return &endpoint;
      if (endpoint.route->method == "GET") get = &endpoint;
    }
    if (get != nullptr && method == "HEAD") return get;
    if (allowed_methods == nullptr) return nullptr;
    for (const Endpoint& endpoint : endpoints) {
      allowed_methods->push_back(endpoint.route->method);
      if (endpoint.route->method == "GET") allowed_methods->emplace_back("HEAD");
    }
    return nullptr;
  }

  const Endpoint* below(const Node& node, size_t at) {
    const Endpoint* found = at == path.count ? pick(node.here) : through_child(node, at);
    if (found != nullptr || node.rest.empty()) return found;
    found = pick(node.rest);
    if (found != nullptr) values.push_back(join_rest(path, at));
    return found;
  }

  const Endpoint* through_child(const Node& node, size_t at) {
    const std::string_view part = path.parts[at];
    if (const auto literal = node.literals.find(part); literal != node.literals.end()) {
      if (const Endpoint* found = below(*literal->second, at + 1)) return found;
    }
    const size_t mark = values.size();
    for (const Node::Mixed& candidate : node.mixed) {
      if (fits(candidate.segment, 0, part, values)) {
        if (const Endpoint* found = below(*candidate.node, at + 1)) return found;
      }
      values.resize(mark);
    }
    return nullptr;
  }
};

Match Router::find(std::string_view method, std::string_view encoded_path,
                   std::vector<std::string>* allowed_methods) const {
  Match match;
  SplitPath path;
  if (!split_path(encoded_path, path)) return match;
  Search search{method, path, allowed_methods, {}};
  const Endpoint* found = search.below(*root_, 0);
  if (found == nullptr) {
    if (allowed_methods != nullptr) {
      std::sort(allowed_methods->begin(), allowed_methods->end());
      allowed_methods->erase(std::unique(allowed_methods->begin(), allowed_methods->end()), allowed_methods->end());
    }
    return match;
  }
  if (allowed_methods != nullptr) allowed_methods->clear();
  match.route = found->route;
  for (size_t i = 0; i < found->names.size(); ++i)
    match.parameters.emplace(found->names[i], std::move(search.values[i]));
  return match;
}

}  // namespace slipway::http
