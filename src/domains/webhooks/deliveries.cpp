#include "domains/webhooks/deliveries.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "domains/webhooks/delivery_store.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/jobs/worker_pool.h"

namespace slipway::webhooks {

namespace {

constexpr int64_t kLookEveryMs = 200;
constexpr int64_t kTrimEveryMs = 1000;
constexpr int64_t kLeaseMarginMs = 15'000;
// How long a process leaves a webhook alone whose secret it cannot read: another server may be able to.
constexpr int64_t kStandAsideMs = 10'000;
constexpr int64_t kWebhooksAtOnce = 1000;
// Then the next webhook has its turn.
constexpr int kCallsInARow = 50;

}  // namespace

class Deliveries::Core {
 public:
  Core(sql::Database& database, Clock& clock, IdSource& ids, SecretBox& secrets, Transport transport,
       metrics::Registry& metrics, const DeliveryRules& rules)
      : database_(database),
        clock_(clock),
        ids_(ids),
        secrets_(secrets),
        transport_(std::move(transport)),
        rules_(rules),
        delivered_(count(metrics, "delivered")),
        retried_(count(metrics, "retried")),
        failed_(count(metrics, "failed")),
        dropped_(count(metrics, "dropped")),
        waiting_(metrics.gauge("slipway_webhook_deliveries_waiting", "Calls of webhooks that wait to be made")) {}

  void start() {
    // What is taken was taken by a process that is no more.
    if (is_alone()) {
      database_.write([&](sql::Transaction& transaction) { DeliveryStore(transaction).release_all(clock_.now_ms()); });
    }
    // One thread more than workers: the one that looks for work is never busy with it.
    pool_ = std::make_unique<jobs::WorkerPool>("webhooks", rules_.workers + 1);
    pool_->repeat(kLookEveryMs, [this](const jobs::Cancellation&) { hand_out(); });
    pool_->repeat(kTrimEveryMs, [this](const jobs::Cancellation&) { trim(); });
  }

  void stop() {
    if (pool_) pool_->stop();
  }

  int deliver_due() {
    int calls = 0;
    for (const int64_t webhook : webhooks_due()) {
      while (deliver_next(webhook) != Step::kNothing) ++calls;
    }
    return calls;
  }

  void trim() {
    int64_t waiting = 0;
    const auto surplus = database_.read_value<std::vector<DeliveryStore::Surplus>>([&](sql::Transaction& transaction) {
      DeliveryStore deliveries(transaction);
      waiting = deliveries.count_waiting();
      return deliveries.surplus(rules_.max_waiting);
    });
    waiting_.set(static_cast<double>(waiting));
    if (waiting == 0) {
      const std::lock_guard lock(mutex_);
      failing_.clear();
      aside_until_ms_.clear();
    }
    for (const auto& one : surplus) {
      const auto gone = database_.write_value<int64_t>(
          [&](sql::Transaction& transaction) { return DeliveryStore(transaction).drop_oldest(one); });
      dropped_.add(static_cast<double>(gone));
      waiting_.add(-static_cast<double>(gone));
      log::warning("calls of a webhook are dropped because too many wait", {{"dropped", std::to_string(gone)}});
    }
  }

 private:
  enum class Step { kNothing, kSucceeded, kFailed };

  static metrics::Counter& count(metrics::Registry& metrics, const std::string& outcome) {
    return metrics.counter("slipway_webhook_deliveries_total", "Calls of webhooks by how they went",
                           {{"outcome", outcome}});
  }

  // A SQLite database has one owner; a PostgreSQL database may serve several servers.
  bool is_alone() const { return database_.dialect() == sql::Dialect::kSqlite; }

  std::vector<int64_t> webhooks_due() {
    return database_.read_value<std::vector<int64_t>>([&](sql::Transaction& transaction) {
      return DeliveryStore(transaction).webhooks_due(clock_.now_ms(), kWebhooksAtOnce);
    });
  }

  void hand_out() {
    std::vector<int64_t> due = webhooks_due();
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(due, [this, now_ms = clock_.now_ms()](int64_t webhook) {
        const auto found = aside_until_ms_.find(webhook);
        return found != aside_until_ms_.end() && now_ms < found->second;
      });
      std::stable_partition(due.begin(), due.end(), [this](int64_t webhook) { return failing_.count(webhook) == 0; });
    }
    for (const int64_t webhook : due) {
      if (!take(webhook)) continue;
      try {
        pool_->submit([this, webhook](const jobs::Cancellation& cancellation) { work(webhook, cancellation); });
      } catch (...) {
        release(webhook);
        throw;
      }
    }
  }

  // One worker is never given to a webhook whose last call failed, so that many dead ones do not hold up the others.
  bool take(int64_t webhook) {
    const std::lock_guard lock(mutex_);
    const auto workers = static_cast<size_t>(rules_.workers);
    const size_t room = failing_.count(webhook) != 0 ? std::max<size_t>(workers - 1, 1) : workers;
    return busy_.size() < room && busy_.insert(webhook).second;
  }

  void work(int64_t webhook, const jobs::Cancellation& cancellation) {
    const Released released{*this, webhook};
    for (int calls = 0; calls < kCallsInARow && !cancellation.requested(); ++calls) {
      const Step step = deliver_next(webhook);
      if (step != Step::kSucceeded) return;
    }
  }

  void release(int64_t webhook) {
    const std::lock_guard lock(mutex_);
    busy_.erase(webhook);
  }

  struct Released {
    Core& core;
    int64_t webhook;
    ~Released() { core.release(webhook); }
  };

  Step deliver_next(int64_t webhook) {
    const int64_t now_ms = clock_.now_ms();
    using Found = std::optional<DeliveryStore::Claimed>;
    const auto claimed = database_.write_value<Found>([&](sql::Transaction& transaction) {
      return DeliveryStore(transaction).claim(webhook, now_ms, now_ms + rules_.attempt_ms + kLeaseMarginMs);
    });
    if (!claimed) return Step::kNothing;
    Outcome outcome;
    Delivery delivery;
    delivery.id = claimed->delivery_id;
    delivery.url = claimed->url;
    delivery.event = claimed->event;
    try {
      if (claimed->sealed_secret) delivery.secret = secrets_.open(*claimed->sealed_secret, claimed->webhook_id);
    } catch (const Error& error) {
      if (!is_alone()) return stand_aside(webhook, *claimed, error);
      outcome.error = error.what();
    }
    if (outcome.error.empty()) outcome = call(delivery);
    settle(*claimed, outcome);
    const std::lock_guard lock(mutex_);
    if (!outcome.succeeded()) {
      failing_.insert(webhook);
      return Step::kFailed;
    }
    failing_.erase(webhook);
    return Step::kSucceeded;
  }

  // The call is not lost: it is for a server with the key, or for this one once it has it or the secret is set anew.
  Step stand_aside(int64_t webhook, const DeliveryStore::Claimed& claimed, const Error& error) {
    const int64_t now_ms = clock_.now_ms();
    bool is_news = false;
    {
      const std::lock_guard lock(mutex_);
      is_news = aside_until_ms_.insert_or_assign(webhook, now_ms + kStandAsideMs).second;
    }
    database_.write([&](sql::Transaction& transaction) { DeliveryStore(transaction).give_back(claimed, now_ms); });
    if (is_news) {
      log::warning("the calls of a webhook wait for a server that can read its secret",
                   {{"webhook", claimed.webhook_id}, {"reason", error.what()}});
    }
    return Step::kNothing;
  }

  Outcome call(const Delivery& delivery) {
    try {
      return transport_(delivery);
    } catch (const std::exception& error) {
      Outcome out;
      out.error = error.what();
      return out;
    }
  }

  void settle(const DeliveryStore::Claimed& claimed, const Outcome& outcome) {
    const bool goes_on = !outcome.succeeded() && outcome.may_retry && claimed.attempts <= rules_.max_retries;
    database_.write([&](sql::Transaction& transaction) {
      DeliveryStore deliveries(transaction);
      if (goes_on) {
        deliveries.postpone(claimed.row, clock_.now_ms() + wait_ms(claimed.attempts, outcome));
      } else {
        deliveries.remove(claimed.row);
      }
    });
    if (outcome.succeeded()) return delivered_.add();
    if (goes_on) return retried_.add();
    failed_.add();
    // Its address may hold a secret, so only its id goes into the log.
    log::warning("a webhook's call failed for good", {{"webhook", claimed.webhook_id},
                                                      {"delivery", claimed.delivery_id},
                                                      {"event", claimed.event.kind},
                                                      {"attempts", std::to_string(claimed.attempts)},
                                                      {"status", std::to_string(outcome.status)},
                                                      {"error", outcome.error}});
  }

  int64_t wait_ms(int64_t attempts, const Outcome& outcome) {
    if (outcome.retry_after_ms > 0) return std::min(outcome.retry_after_ms, rules_.longest_asked_ms);
    const int64_t doublings = std::min<int64_t>(attempts - 1, 30);
    const int64_t wait = std::min(rules_.first_wait_ms << doublings, rules_.longest_wait_ms);
    // Receivers that failed together should not be called again together.
    const auto spread = static_cast<uint64_t>(std::max<int64_t>(rules_.first_wait_ms, 1));
    return wait + static_cast<int64_t>(ids_.next_u64() % spread);
  }

  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
  SecretBox& secrets_;
  const Transport transport_;
  const DeliveryRules rules_;
  metrics::Counter& delivered_;
  metrics::Counter& retried_;
  metrics::Counter& failed_;
  metrics::Counter& dropped_;
  metrics::Gauge& waiting_;
  std::mutex mutex_;  // guards the three below
  std::unordered_set<int64_t> busy_;
  std::unordered_set<int64_t> failing_;                  // whose last call failed
  std::unordered_map<int64_t, int64_t> aside_until_ms_;  // whose secret this process cannot read
  std::unique_ptr<jobs::WorkerPool> pool_;               // last: its threads use all of the above
};

Deliveries::Deliveries(sql::Database& database, Clock& clock, IdSource& ids, SecretBox& secrets, Transport transport,
                       metrics::Registry& metrics, const DeliveryRules& rules)
    : core_(std::make_unique<Core>(database, clock, ids, secrets, std::move(transport), metrics, rules)) {}
Deliveries::~Deliveries() = default;
void Deliveries::start() { core_->start(); }
void Deliveries::stop() { core_->stop(); }
int Deliveries::deliver_due() { return core_->deliver_due(); }
void Deliveries::trim() { core_->trim(); }

}  // namespace slipway::webhooks
