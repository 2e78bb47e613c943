#include "domains/webhooks/webhooks.h"

#include <algorithm>

#include "domains/tracking/select.h"
#include "domains/webhooks/delivery_store.h"
#include "domains/webhooks/migrations.h"
#include "domains/webhooks/webhook_store.h"
#include "foundation/base/error.h"

namespace slipway::webhooks {

namespace {

constexpr size_t kMaxName = 63;
constexpr size_t kMaxUrl = 2000;
constexpr size_t kMaxDescription = 5000;
constexpr size_t kMaxSecret = 1000;
constexpr int64_t kMaxPage = 1000;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

void check_name(const std::string& name) {
  const bool is_valid = !name.empty() && name.size() <= kMaxName && is_alphanumeric(name.front()) &&
                        is_alphanumeric(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
                          return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
                        });
  if (is_valid) return;
  throw invalid_argument("Webhook name '", name.substr(0, 2 * kMaxName),
                         "' is invalid. It must start and end with a letter or digit, have at most ", kMaxName,
                         " characters, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).");
}

void check_size(std::string_view what, const std::string& value, size_t most) {
  if (value.size() > most) throw invalid_argument("Webhook ", what, " is longer than ", most, " bytes.");
  if (!text::is_valid_utf8(value) || value.find('\0') != std::string::npos) {
    throw invalid_argument("Webhook ", what, " is not text.");
  }
}

void check_kinds(const std::vector<std::string>& kinds) {
  if (kinds.empty()) throw invalid_argument("Webhook events must be a non-empty list of WebhookEvent objects: [].");
}

std::vector<std::string> without_repetitions(const std::vector<std::string>& kinds) {
  std::vector<std::string> out;
  for (const std::string& kind : kinds) {
    if (std::find(out.begin(), out.end(), kind) == out.end()) out.push_back(kind);
  }
  return out;
}

}  // namespace

std::string random_uuid(IdSource& ids) {
  std::string out = ids.hex(32);
  out[12] = '4';
  out[16] = "89ab"[static_cast<unsigned>(out[16]) % 4];
  for (const size_t at : {20, 16, 12, 8}) out.insert(at, 1, '-');
  return out;
}

Webhooks::Webhooks(sql::Database& database, Clock& clock, IdSource& ids, SecretBox& secrets, UrlCheck check_url,
                   Transport transport)
    : database_(database),
      clock_(clock),
      ids_(ids),
      secrets_(secrets),
      check_url_(std::move(check_url)),
      transport_(std::move(transport)) {
  database_.migrate("webhooks", migrations());
}

Webhook Webhooks::create(const NewWebhook& wanted) {
  check_name(wanted.name);
  check_size("URL", wanted.url, kMaxUrl);
  check_url_(wanted.url);
  check_kinds(wanted.kinds);
  check_size("description", wanted.description, kMaxDescription);
  check_size("secret", wanted.secret, kMaxSecret);
  Webhook webhook;
  webhook.id = random_uuid(ids_);
  webhook.name = wanted.name;
  webhook.url = wanted.url;
  webhook.description = wanted.description;
  webhook.kinds = without_repetitions(wanted.kinds);
  webhook.status = wanted.status;
  webhook.has_secret = !wanted.secret.empty();
  webhook.created_ms = webhook.updated_ms = clock_.now_ms();
  std::optional<std::string> sealed;
  if (webhook.has_secret) sealed = secrets_.seal(wanted.secret, webhook.id);
  database_.write([&](sql::Transaction& transaction) { WebhookStore(transaction).insert(webhook, sealed); });
  return webhook;
}

Webhook Webhooks::update(const std::string& id, const WebhookChange& change) {
  get(id);  // not found comes before whatever else is wrong
  if (change.name) check_name(*change.name);
  if (change.url) check_size("URL", *change.url, kMaxUrl);
  if (change.url) check_url_(*change.url);
  if (change.kinds) check_kinds(*change.kinds);
  if (change.description) check_size("description", *change.description, kMaxDescription);
  if (change.secret) check_size("secret", *change.secret, kMaxSecret);
  std::optional<std::string> sealed;
  if (change.secret && !change.secret->empty()) sealed = secrets_.seal(*change.secret, id);
  return database_.write_value<Webhook>([&](sql::Transaction& transaction) {
    WebhookStore webhooks(transaction);
    auto found = webhooks.get(id);
    Webhook& webhook = found.webhook;
    if (change.name) webhook.name = *change.name;
    if (change.url) webhook.url = *change.url;
    if (change.description) webhook.description = *change.description;
    if (change.kinds) webhook.kinds = without_repetitions(*change.kinds);
    if (change.secret) found.sealed_secret = sealed;
    if (change.status) webhook.status = *change.status;
    webhook.has_secret = found.sealed_secret.has_value();
    // Clients compare the two times to see that something changed, however quick the change was.
    webhook.updated_ms = std::max(clock_.now_ms(), webhook.updated_ms + 1);
    webhooks.update(found);
    if (webhook.status == Status::kDisabled) DeliveryStore(transaction).forget(found.row);
    return webhook;
  });
}

Webhook Webhooks::get(const std::string& id) {
  return database_.read_value<Webhook>(
      [&](sql::Transaction& transaction) { return WebhookStore(transaction).get(id).webhook; });
}

Page<Webhook> Webhooks::list(int64_t max_results, const std::string& page_token) {
  if (max_results < 1 || max_results > kMaxPage) {
    throw invalid_argument("max_results must be between 1 and ", kMaxPage, ".");
  }
  const tracking::PageRequest request(max_results, page_token, tracking::Question("webhooks"));
  return database_.read_value<Page<Webhook>>(
      [&](sql::Transaction& transaction) { return WebhookStore(transaction).list(request); });
}

void Webhooks::remove(const std::string& id) {
  database_.write([&](sql::Transaction& transaction) {
    WebhookStore webhooks(transaction);
    webhooks.remove(webhooks.get(id).row);
  });
}

Outcome Webhooks::try_out(const std::string& id, const jobs::Event& event) {
  const auto found = database_.read_value<WebhookStore::Found>(
      [&](sql::Transaction& transaction) { return WebhookStore(transaction).get(id); });
  Delivery delivery;
  delivery.id = random_uuid(ids_);
  delivery.url = found.webhook.url;
  delivery.event = event;
  delivery.event.time_ms = clock_.now_ms();
  try {
    if (found.sealed_secret) delivery.secret = secrets_.open(*found.sealed_secret, id);
  } catch (const Error& error) {
    Outcome out;
    out.error = error.what();
    return out;
  }
  return transport_(delivery);
}

void Webhooks::record(sql::Transaction& transaction, const jobs::Event& event) {
  DeliveryStore deliveries(transaction);
  for (const int64_t webhook : deliveries.subscribers(event.kind)) {
    deliveries.insert(webhook, random_uuid(ids_), event, clock_.now_ms());
  }
}

}  // namespace slipway::webhooks
