// Takes batches of the prediction log to the server's monitors: POST /api/slipway/v1/models/{name}/predictions.
#pragma once

#include <string>

#include "domains/serving/prediction_forwarder.h"
#include "foundation/http/client.h"

namespace slipway::model_server {

// {"model_version", "prediction_ids", "time_ms", "inputs": {column: [...]}, "outputs": {...}}, null where missing.
std::string encode_predictions(const serving::PredictionBatch& batch);

// The client must outlive the sink.
serving::PredictionForwarder::Sink prediction_sink(http::Client& client, const std::string& server_url,
                                                   const std::string& authorization, const std::string& model_name);

}  // namespace slipway::model_server
