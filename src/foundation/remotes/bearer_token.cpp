#include "foundation/remotes/bearer_token.h"

#include <algorithm>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::remotes {

namespace {

// A request may be under way for so long after its token was taken.
constexpr int64_t kMarginSeconds = 300;

json::object object_of(const std::string& body) {
  try {
    return json::as_object(json::parse(body), "the answer");
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

FetchedToken ask_for_token(http::Client& client, const std::string& url,
                           const std::vector<std::pair<std::string, std::string>>& form) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  for (const auto& [name, value] : form) {
    if (!request.body.empty()) request.body += '&';
    request.body += text::concat(name, "=", http::percent_encode(value));
  }
  const http::ClientResponse response = client.send(request);
  const json::object answer = object_of(response.body);
  const auto value = json::find_string(answer, "access_token");
  if (response.status / 100 == 2 && value) return {*value, json::find_int(answer, "expires_in").value_or(3600)};
  const auto why = json::find_string(answer, "error_description");
  throw Error(ErrorCode::kUnauthenticated,
              text::concat(url, " gave no token, but ", response.status, " ",
                           why.value_or(json::find_string(answer, "error").value_or("")), "; check the keys"));
}

std::string BearerToken::get() {
  const std::lock_guard lock(mutex_);
  if (value_.empty() || steady_ms() >= until_ms_) {
    const FetchedToken fetched = fetch_();
    value_ = fetched.value;
    until_ms_ = steady_ms() + std::max<int64_t>(fetched.seconds - kMarginSeconds, 0) * 1000;
  }
  return value_;
}

}  // namespace slipway::remotes
