// A container of Azure Blob Storage. Opened by open_remote.
#pragma once

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// "azure://container/path". Options as DVC has them: connection_string, account_name, account_key, sas_token,
// tenant_id, client_id, client_secret, allow_anonymous_login, connection_timeout, read_timeout.
std::unique_ptr<RemoteStore> open_azure(const RemoteAddress& address);

// A page of a container's listing; `next` is empty on the last one. Throws invalid_argument for what is none.
struct AzurePage {
  std::vector<FileInfo> blobs;  // with their whole names
  std::string next;
};
AzurePage parse_azure_page(std::string_view xml);

}  // namespace slipway::remotes
