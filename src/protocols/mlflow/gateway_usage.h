// Records calls of the gateway's endpoints as traces, as MLflow does: one span with what was asked and answered, who
// answered and how many tokens it took. Used by the handlers of those calls.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "domains/gateway/model.h"
#include "protocols/mlflow/mount.h"
#include "protocols/providers/usage.h"

namespace slipway::mlflow {

class GatewayCall {
 public:
  // Nothing is recorded for a plan without an experiment.
  GatewayCall(const Services& services, const gateway::Plan& plan, std::string_view request_type,
              const boost::json::object& body);

  // Who answered.
  void answered_by(const gateway::Upstream& upstream);
  // One whole answer, or one event of a stream; may come often.
  void answer(const boost::json::object& document);
  void event(const boost::json::object& document);
  // Writes it down. A failure to is logged and harms nobody. `error` is "" when all went well.
  void finish(const std::string& error = "");

 private:
  const Services services_;
  const gateway::Plan plan_;  // without secrets
  const std::string request_type_;
  const std::string inputs_;
  const std::string username_;
  const int64_t start_ns_;
  std::string provider_;
  std::string model_;
  std::string outputs_;
  std::string text_;  // of a stream, its beginning
  providers::Usage usage_;
};

}  // namespace slipway::mlflow
