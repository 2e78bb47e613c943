#include "app/model_server/prediction_delivery.h"

#include <cmath>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"

namespace slipway::model_server {

namespace {

using tables::Column;
using tables::ColumnType;

void append_cell(std::string& out, const Column& column, size_t row) {
  if (column.is_missing(row)) {
    out.append("null");
  } else if (column.type() == ColumnType::kDouble) {
    const double value = column.doubles()[row];
    if (std::isfinite(value)) {
      append_json_number(out, value);
    } else {
      out.append("null");
    }
  } else if (column.type() == ColumnType::kText) {
    append_json_string(out, column.text(row));
  } else if (column.type() == ColumnType::kBoolean) {
    out.append(column.integers()[row] != 0 ? "true" : "false");
  } else {
    append_json_number(out, column.integers()[row]);
  }
}

template <typename Each>
void append_list(std::string& out, size_t size, const Each& each) {
  out.push_back('[');
  for (size_t i = 0; i < size; ++i) {
    if (i != 0) out.push_back(',');
    each(i);
  }
  out.push_back(']');
}

void append_columns(std::string& out, const std::vector<Column>& columns) {
  out.push_back('{');
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i != 0) out.push_back(',');
    append_json_string(out, columns[i].name());
    out.push_back(':');
    append_list(out, columns[i].size(), [&](size_t row) { append_cell(out, columns[i], row); });
  }
  out.push_back('}');
}

}  // namespace

std::string encode_predictions(const serving::PredictionBatch& batch) {
  std::string out = R"({"model_version":)";
  append_json_string(out, batch.model_version);
  out.append(R"(,"prediction_ids":)");
  append_list(out, batch.rows(), [&](size_t row) { append_json_string(out, batch.prediction_ids[row]); });
  if (!batch.keys.empty()) {
    out.append(R"(,"keys":)");
    append_list(out, batch.rows(), [&](size_t row) { append_json_string(out, batch.keys[row]); });
  }
  out.append(R"(,"time_ms":)");
  append_list(out, batch.rows(), [&](size_t row) { append_json_number(out, batch.time_ms[row]); });
  out.append(R"(,"inputs":)");
  append_columns(out, batch.inputs);
  out.append(R"(,"outputs":)");
  append_columns(out, batch.outputs);
  return out.append("}");
}

serving::PredictionForwarder::Sink prediction_sink(http::Client& client, const std::string& server_url,
                                                   const std::string& authorization, const std::string& model_name) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = server_url + "/api/slipway/v1/models/" + http::percent_encode(model_name) + "/predictions";
  request.headers.add("Content-Type", "application/json");
  if (!authorization.empty()) request.headers.add("Authorization", authorization);
  return [&client, request](const serving::PredictionBatch& batch) {
    http::ClientRequest one = request;
    one.body = encode_predictions(batch);
    const http::ClientResponse response = client.send(one);
    if (response.status / 100 == 2) return;
    const std::string answer = text::concat("status ", response.status, ": ", response.body.substr(0, 300));
    // The body is at fault, and will be next time; anything else may be mended meanwhile.
    if (response.status == 400 || response.status == 413 || response.status == 422) throw invalid_argument(answer);
    throw unavailable(request.url, " answered ", answer);
  };
}

}  // namespace slipway::model_server
