// Who we are to Google Cloud: a service account's key, or the login of a person, and the tokens they are good for. Used
// by google_remote.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "foundation/http/client.h"
#include "foundation/remotes/bearer_token.h"

namespace slipway::remotes {

struct GoogleCredentials {
  std::string token_url;
  // A service account.
  std::string client_email, private_key, private_key_id;
  // A person.
  std::string client_id, client_secret, refresh_token;
};

// The JSON file that Google gives out. Throws invalid_argument for what is none of the two kinds.
GoogleCredentials parse_google_credentials(std::string_view text);

// The claim of a service account, signed with its key, good for an hour from `now_ms` on.
std::string google_assertion(const GoogleCredentials& credentials, int64_t now_ms);

FetchedToken ask_google_for_token(http::Client& client, const GoogleCredentials& credentials);

}  // namespace slipway::remotes
