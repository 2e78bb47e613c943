#include "domains/webhooks/migrations.h"

namespace slipway::webhooks {

namespace {

// A delivery carries its event itself: what happened is kept as it was, whatever becomes of the thing it happened to.
constexpr std::string_view kWebhooksAndDeliveries = R"(
CREATE TABLE webhooks (
  id {{identity}},
  webhook_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  secret {{bytes}},
  active BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE INDEX webhooks_by_creation ON webhooks (created_ms DESC, id DESC);
CREATE TABLE webhook_kinds (
  webhook BIGINT NOT NULL,
  kind TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (webhook, kind)
);
CREATE INDEX webhook_kinds_by_kind ON webhook_kinds (kind, webhook);
CREATE TABLE webhook_deliveries (
  id {{identity}},
  webhook BIGINT NOT NULL,
  delivery_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  attributes TEXT NOT NULL,
  time_ms BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  due_ms BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_by_due ON webhook_deliveries (webhook, due_ms, id);
)";

}  // namespace

std::vector<sql::Migration> migrations() { return {{1, "webhooks and deliveries", kWebhooksAndDeliveries}}; }

}  // namespace slipway::webhooks
