// Which account of Azure Blob Storage is meant and who we are there, and what proves it. Used by azure_remote.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "foundation/blobs/s3_location.h"
#include "foundation/http/client.h"
#include "foundation/remotes/options.h"

namespace slipway::remotes {

struct AzureAccount {
  std::string name;
  std::string endpoint;  // "https://name.blob.core.windows.net", no slash at its end
  // At most one of these; none: an anonymous reader.
  std::string key;        // as it comes, in base64
  std::string sas_token;  // a query, without '?'
  std::string tenant_id, client_id, client_secret;
};

// "AccountName=..;AccountKey=..;EndpointSuffix=.." and its other keys. Throws invalid_argument.
AzureAccount parse_azure_connection_string(std::string_view text);

// The first that is there: connection_string, client_secret, account_key, sas_token; each as an option, as a variable
// AZURE_STORAGE_* or in ~/.azure/config. Throws unauthenticated when none is and no anonymous login is wanted.
AzureAccount azure_account_of(const Options& options, const blobs::Environment& environment);

// The Authorization of a request with its x-ms-* fields: the signature of the account's key.
std::string azure_signature(const http::ClientRequest& request, const AzureAccount& account);

// Adds to a request what proves who we are; `http` asks for tokens.
std::function<void(http::ClientRequest&)> azure_authorization(const AzureAccount& account,
                                                              std::shared_ptr<http::Client> http);

}  // namespace slipway::remotes
