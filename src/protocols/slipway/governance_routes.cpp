#include "protocols/slipway/governance_routes.h"

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/slipway/model_permission.h"
#include "protocols/slipway/query.h"

namespace slipway::protocol {

namespace {

constexpr size_t kMaxBody = size_t{4} << 20U;

json::object encode(const governance::Decision& decision) {
  return {{"id", decision.id},
          {"model", decision.model},
          {"alias", decision.alias},
          {"challenger_version", decision.challenger_version},
          {"champion_version", decision.champion_version},
          {"verdict", governance::name_of(decision.verdict)},
          {"reason", decision.reason},
          {"report", decision.report.empty() ? json::value(nullptr) : json::parse(decision.report)},
          {"pipeline_run", decision.pipeline_run},
          {"window_start_ms", decision.window_start_ms},
          {"window_end_ms", decision.window_end_ms},
          {"time_ms", decision.time_ms}};
}

json::object encode(const governance::AuditEvent& one) {
  json::object attributes;
  for (const auto& [name, value] : one.event.attributes) attributes[name] = value;
  return {{"sequence", one.sequence},
          {"kind", one.event.kind},
          {"subject", one.event.subject},
          {"attributes", attributes},
          {"time_ms", one.event.time_ms}};
}

governance::Decision decode_decision(const std::string& model, const std::string& body) {
  const json::value document = json::parse(body);
  const json::object& fields = json::as_object(document, "a decision");
  const auto promote = json::find_bool(fields, "promote");
  if (!promote) throw invalid_argument("'promote' is missing");
  governance::Decision out;
  out.model = model;
  out.alias = json::get_string(fields, "alias");
  out.challenger_version = json::get_string(fields, "challenger_version");
  out.champion_version = json::find_string(fields, "champion_version").value_or("");
  out.verdict = *promote ? governance::Verdict::kPromoted : governance::Verdict::kRefused;
  out.reason = json::get_string(fields, "reason");
  const json::value* report = json::find(fields, "report");
  if (report != nullptr) out.report = json::write(*report);
  out.pipeline_run = json::find_string(fields, "pipeline_run").value_or("");
  out.window_start_ms = json::find_int(fields, "window_start_ms").value_or(0);
  out.window_end_ms = json::find_int(fields, "window_end_ms").value_or(0);
  return out;
}

http::Response answer(const json::value& document, int status = 200) {
  return http::Response::json(status, json::write(document));
}

http::Response decisions_of_model(const governance::Promotions& promotions, const http::Request& request) {
  json::array out;
  const int limit = static_cast<int>(query_int(request, "limit", 100));
  for (const auto& one : promotions.list(std::string(request.parameter("name")), limit)) out.emplace_back(encode(one));
  return answer(json::object{{"decisions", out}});
}

}  // namespace

std::vector<http::Route> governance_routes(governance::Promotions& promotions, governance::AuditLog& audit,
                                           identity::Permissions& permissions) {
  using identity::Permission;
  const std::string decisions = "/api/slipway/v1/models/{name}/decisions";
  return {
      {"GET", decisions,
       on_model(permissions, Permission::kRead,
                [&promotions](http::Request& request) { return decisions_of_model(promotions, request); }),
       "registry.read", "Promotion decisions, newest first"},
      {"POST", decisions,
       on_model(permissions, Permission::kEdit,
                [&promotions](http::Request& request) {
                  auto decision = decode_decision(std::string(request.parameter("name")), request.read_body(kMaxBody));
                  return answer(encode(promotions.decide(std::move(decision))), 201);
                }),
       "registry.write", "Record a decision; a passing one moves the alias"},
      {"GET", "/api/slipway/v1/audit",
       [&audit](http::Request& request) {
         json::array out;
         const std::string kind(request.find_query("kind").value_or(""));
         const int limit = static_cast<int>(query_int(request, "limit", 100));
         for (const auto& one : audit.list(kind, query_int(request, "after", 0), limit)) out.emplace_back(encode(one));
         return answer(json::object{{"events", out}});
       },
       "audit.read", "The audit log, oldest first"},
  };
}

}  // namespace slipway::protocol
