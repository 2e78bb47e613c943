// MLflow's own web page, from the files that an installed MLflow package brings (mlflow/server/js/build). Mounted by
// app/server when it is told where they are.
#pragma once

#include <string>
#include <vector>

#include "foundation/http/router.h"

namespace slipway::mlflow {

// "/" and "/static-files/...". Throws not_found when `folder` holds no index.html.
std::vector<http::Route> web_page_routes(const std::string& folder);

}  // namespace slipway::mlflow
