#include "app/cli/model_source.h"

#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

LocalModel locate_model(const std::string& address, const std::string& server_flag) {
  if (!address.starts_with("models:/") && !address.starts_with("runs:/")) {
    if (!files::exists(address)) {
      throw not_found("there is no model at ", address, "; a model is a folder, models:/NAME@ALIAS, models:/NAME/3 or ",
                      "runs:/RUN_ID/PATH");
    }
    return {address, std::nullopt};
  }
  const auto http = http::make_client();
  mlflow::Client client(*http, required_server_url(server_flag), server_authorization());
  const auto fetched = client.fetch_model(address, model_cache_folder());
  return {fetched.folder, fetched.version};
}

}  // namespace slipway::cli
