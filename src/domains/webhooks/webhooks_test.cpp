#include "domains/webhooks/webhooks.h"

#include <mutex>
#include <thread>

#include "domains/tracking/tracking_fixture.h"
#include "domains/webhooks/deliveries.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::webhooks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The other side of the calls: remembers them and answers what it was told to.
class Receiver {
 public:
  Outcome take(const Delivery& delivery) {
    const std::lock_guard lock(mutex_);
    deliveries_.push_back(delivery);
    if (answers_.empty()) return answer(200);
    const Outcome out = answers_.front();
    if (answers_.size() > 1) answers_.erase(answers_.begin());
    return out;
  }
  // The last one is given from then on.
  void will_answer(std::vector<Outcome> answers) { answers_ = std::move(answers); }
  std::vector<Delivery> taken() {
    const std::lock_guard lock(mutex_);
    return deliveries_;
  }
  static Outcome answer(int status, bool may_retry = false, int64_t retry_after_ms = 0) {
    Outcome out;
    out.status = status;
    out.may_retry = may_retry;
    out.retry_after_ms = retry_after_ms;
    return out;
  }

 private:
  std::mutex mutex_;  // guards the members below
  std::vector<Delivery> deliveries_;
  std::vector<Outcome> answers_;
};

class WebhooksTest : public tracking::TrackingFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  WebhooksTest()
      : TrackingFixture(GetParam() == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database()) {}

  Webhook hook(std::vector<std::string> kinds = {"thing.made"}, const std::string& secret = "",
               const std::string& name = "hook") {
    return webhooks_.create({name, "https://example.com/" + name, "", std::move(kinds), secret, Status::kActive});
  }

  void happens(const std::string& kind = "thing.made", const std::string& subject = "x") {
    database_->write([&](sql::Transaction& transaction) {
      webhooks_.record(transaction, {kind, subject, {{"name", subject}, {"text", "\"line\"\n"}}, clock_.now_ms()});
    });
  }

  std::unique_ptr<Deliveries> deliveries(const DeliveryRules& rules = {}) {
    return std::make_unique<Deliveries>(*database_, clock_, random_, secrets_, transport_, metrics_, rules);
  }

  double counted(const std::string& outcome) {
    return metrics_.counter("slipway_webhook_deliveries_total", "", {{"outcome", outcome}}).value();
  }

  Receiver receiver_;
  RandomIdSource random_;  // many threads draw from it
  metrics::Registry metrics_;
  SecretBox secrets_{"a passphrase", ""};
  Transport transport_ = [this](const Delivery& delivery) { return receiver_.take(delivery); };
  Webhooks webhooks_{*database_,
                     clock_,
                     random_,
                     secrets_,
                     [](const std::string& url) {
                       if (url.rfind("https://", 0) != 0) throw invalid_argument("bad address");
                     },
                     transport_};
};

TEST_P(WebhooksTest, IsKeptChangedAndRemoved) {
  const Webhook made = hook({"b.set", "a.made", "b.set"}, "secret");
  EXPECT_THAT(made.id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  const Webhook found = webhooks_.get(made.id);
  EXPECT_EQ(found.name, "hook");
  EXPECT_EQ(found.url, "https://example.com/hook");
  EXPECT_THAT(found.kinds, ElementsAre("b.set", "a.made"));
  EXPECT_TRUE(found.has_secret);
  WebhookChange change;
  change.description = "what for";
  change.kinds = {"c.made"};
  change.secret = "";
  const Webhook changed = webhooks_.update(made.id, change);
  EXPECT_EQ(changed.name, "hook");
  EXPECT_EQ(changed.description, "what for");
  EXPECT_THAT(webhooks_.get(made.id).kinds, ElementsAre("c.made"));
  EXPECT_FALSE(webhooks_.get(made.id).has_secret);
  EXPECT_GT(changed.updated_ms, made.updated_ms) << "though the clock stood still";
  EXPECT_EQ(changed.created_ms, made.created_ms);
  webhooks_.remove(made.id);
  for (const auto& action :
       std::vector<std::function<void()>>{[&] { webhooks_.get(made.id); }, [&] { webhooks_.update(made.id, {}); },
                                          [&] { webhooks_.remove(made.id); }}) {
    EXPECT_EQ(fault(ErrorCode::kNotFound, action), "Webhook with ID " + made.id + " not found.");
  }
}

TEST_P(WebhooksTest, ChecksWhatItIsGiven) {
  const std::vector<std::string> kinds = {"a.made"};
  for (const std::string& name :
       {std::string(), std::string("   "), std::string("a<b>"), std::string("-a"), std::string("a-"),
        std::string("a/b"), std::string(64, 'a'), std::string("\xc3\xa9")}) {
    EXPECT_THAT(fault(ErrorCode::kInvalidArgument,
                      [&] {
                        webhooks_.create({name, "https://h", "", kinds, "", {}});
                      }),
                HasSubstr("is invalid"));
  }
  for (const std::string& name : {std::string("a"), std::string("1.b_c-D"), std::string(63, 'A')}) {
    EXPECT_EQ(webhooks_.create({name, "https://h", "", kinds, "", {}}).name, name);
  }
  const Webhook made = hook();
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument,
                    [&] {
                      webhooks_.create({"a", "https://h", "", {}, "", {}});
                    }),
              HasSubstr("must be a non-empty list"));
  EXPECT_EQ(fault(ErrorCode::kInvalidArgument,
                  [&] {
                    webhooks_.create({"a", "ftp://h", "", kinds, "", {}});
                  }),
            "bad address");
  WebhookChange change;
  change.url = "ftp://h";
  EXPECT_EQ(fault(ErrorCode::kInvalidArgument, [&] { webhooks_.update(made.id, change); }), "bad address");
  change.url.reset();
  change.secret = std::string(2000, 's');
  fault(ErrorCode::kInvalidArgument, [&] { webhooks_.update(made.id, change); });
}

TEST_P(WebhooksTest, AreListedInPagesTheNewestFirst) {
  for (int i = 0; i < 5; ++i) {
    hook({"a.made"}, "", "hook" + std::to_string(i));
    clock_.advance_ms(i % 2);
  }
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = webhooks_.list(2, token);
    for (const Webhook& webhook : page.items) names.push_back(webhook.name);
    EXPECT_THAT(page.items.back().kinds, ElementsAre("a.made"));
    token = page.next.value_or("");
  } while (!token.empty());
  EXPECT_THAT(names, ElementsAre("hook4", "hook3", "hook2", "hook1", "hook0"));
  for (const int64_t wrong : {0, -1, 1001}) {
    EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { webhooks_.list(wrong, ""); }),
                HasSubstr("max_results must be between 1 and 1000"));
  }
  fault(ErrorCode::kInvalidArgument, [&] { webhooks_.list(2, "no token"); });
}

TEST_P(WebhooksTest, EveryActiveOneThatWantsTheEventIsCalledOnce) {
  hook({"thing.made", "thing.set"}, "s1", "both");
  hook({"thing.set"}, "", "set");
  WebhookChange off;
  off.status = Status::kDisabled;
  webhooks_.update(hook({"thing.made"}, "", "off").id, off);
  happens();
  EXPECT_EQ(deliveries()->deliver_due(), 1);
  ASSERT_THAT(receiver_.taken(), SizeIs(1));
  const Delivery first = receiver_.taken()[0];
  EXPECT_EQ(first.url, "https://example.com/both");
  EXPECT_EQ(first.secret, "s1");
  EXPECT_EQ(first.event.kind, "thing.made");
  EXPECT_EQ(first.event.attributes.at("text"), "\"line\"\n");
  EXPECT_EQ(first.event.time_ms, clock_.now_ms());
  happens("thing.set");
  happens("thing.unknown");
  EXPECT_EQ(deliveries()->deliver_due(), 2);
  EXPECT_EQ(deliveries()->deliver_due(), 0);
  EXPECT_EQ(counted("delivered"), 3);
}

TEST_P(WebhooksTest, AnEventWhoseChangeIsUndoneIsNotTold) {
  hook();
  fault(ErrorCode::kConflict, [&] {
    database_->write([&](sql::Transaction& transaction) {
      webhooks_.record(transaction, {"thing.made", "x", {}, 1});
      throw conflict("undone");
    });
  });
  EXPECT_EQ(deliveries()->deliver_due(), 0);
}

TEST_P(WebhooksTest, WhatFailsForTheMomentIsTriedAgainLaterEachTimeAndGivenUp) {
  hook();
  happens();
  receiver_.will_answer({Receiver::answer(503, true)});
  const auto queue = deliveries();
  EXPECT_EQ(queue->deliver_due(), 1);
  EXPECT_EQ(queue->deliver_due(), 0) << "not before its time";
  for (const int64_t wait_ms : {1000, 2000, 4000}) {
    clock_.advance_ms(wait_ms - 1);
    EXPECT_EQ(queue->deliver_due(), 0);
    clock_.advance_ms(1001);  // with the spread
    EXPECT_EQ(queue->deliver_due(), 1);
  }
  clock_.advance_ms(1'000'000);
  EXPECT_EQ(queue->deliver_due(), 0) << "given up";
  EXPECT_EQ(counted("retried"), 3);
  EXPECT_EQ(counted("failed"), 1);
  const auto taken = receiver_.taken();
  ASSERT_THAT(taken, SizeIs(4));
  EXPECT_EQ(taken[0].id, taken[3].id) << "a repetition can be told by its id";
}

TEST_P(WebhooksTest, TheReceiverSaysWhenToComeBackWithinReason) {
  hook();
  happens();
  receiver_.will_answer({Receiver::answer(429, true, 20'000), Receiver::answer(429, true, 1'000'000'000)});
  const auto queue = deliveries();
  queue->deliver_due();
  clock_.advance_ms(19'999);
  EXPECT_EQ(queue->deliver_due(), 0);
  clock_.advance_ms(1);
  EXPECT_EQ(queue->deliver_due(), 1);
  clock_.advance_ms(600'000);
  EXPECT_EQ(queue->deliver_due(), 1);
}

TEST_P(WebhooksTest, ARefusalIsFinal) {
  hook();
  happens();
  receiver_.will_answer({Receiver::answer(404)});
  EXPECT_EQ(deliveries()->deliver_due(), 1);
  clock_.advance_ms(1'000'000);
  EXPECT_EQ(deliveries()->deliver_due(), 0);
  EXPECT_EQ(counted("failed"), 1);
}

TEST_P(WebhooksTest, WhatWaitsForADisabledOrRemovedOneIsDropped) {
  const Webhook first = hook();
  const Webhook second = hook();
  happens();
  WebhookChange change;
  change.status = Status::kDisabled;
  webhooks_.update(first.id, change);
  change.status = Status::kActive;
  webhooks_.update(first.id, change);
  webhooks_.remove(second.id);
  EXPECT_EQ(deliveries()->deliver_due(), 0);
}

TEST_P(WebhooksTest, OfTooManyWaitingTheOldestAreDropped) {
  hook();
  DeliveryRules rules;
  rules.max_waiting = 3;
  for (int i = 0; i < 10; ++i) happens("thing.made", std::to_string(i));
  const auto queue = deliveries(rules);
  queue->trim();
  EXPECT_EQ(counted("dropped"), 7);
  EXPECT_EQ(metrics_.gauge("slipway_webhook_deliveries_waiting", "").value(), 3);
  queue->deliver_due();
  std::vector<std::string> subjects;
  for (const Delivery& delivery : receiver_.taken()) subjects.push_back(delivery.event.subject);
  EXPECT_THAT(subjects, ElementsAre("7", "8", "9"));
}

TEST_P(WebhooksTest, ACallThatACrashCutOffIsMadeAgain) {
  hook();
  happens();
  // The claim of a process that dies before it settles anything.
  Transport crash = [](const Delivery&) -> Outcome { throw 1; };
  Deliveries dying(*database_, clock_, random_, secrets_, crash, metrics_);
  EXPECT_THROW(dying.deliver_due(), int);
  EXPECT_EQ(deliveries()->deliver_due(), 0) << "somebody may still be at it";
  clock_.advance_ms(60'000);
  EXPECT_EQ(deliveries()->deliver_due(), 1);
}

TEST_P(WebhooksTest, SecretsAreSealedAndAChangedKeyFailsTheCall) {
  const Webhook made = hook({"thing.made"}, "my secret");
  const auto stored = database_->read_value<std::string>([&](sql::Transaction& transaction) {
    return *transaction.query_one<std::string>("SELECT secret FROM webhooks", {},
                                               [](const sql::Row& row) { return row.get_bytes(0); });
  });
  EXPECT_EQ(stored.find("my secret"), std::string::npos);
  SecretBox other("another passphrase", "");
  Deliveries queue(*database_, clock_, random_, other, transport_, metrics_);
  happens();
  if (database_->dialect() == sql::Dialect::kPostgresql) {
    EXPECT_EQ(queue.deliver_due(), 0) << "it is for another server, which has the key";
    EXPECT_THAT(receiver_.taken(), IsEmpty()) << "unsigned it must not go out";
    EXPECT_EQ(deliveries()->deliver_due(), 1);
    EXPECT_EQ(receiver_.taken().at(0).secret, "my secret");
    return;
  }
  EXPECT_EQ(queue.deliver_due(), 1);
  EXPECT_THAT(receiver_.taken(), IsEmpty()) << "unsigned it must not go out";
  EXPECT_EQ(counted("failed"), 1);
}

TEST_P(WebhooksTest, TryingOneOutTellsHowItWent) {
  const Webhook made = hook({"thing.made"}, "s");
  receiver_.will_answer({Receiver::answer(500, true)});
  EXPECT_EQ(webhooks_.try_out(made.id, {"thing.made", "x", {}, 0}).status, 500);
  EXPECT_EQ(receiver_.taken().at(0).secret, "s");
  EXPECT_EQ(deliveries()->deliver_due(), 0) << "nothing stays behind";
  fault(ErrorCode::kNotFound, [&] { webhooks_.try_out("other", {}); });
}

TEST_P(WebhooksTest, RunsInTheBackgroundBesideWriters) {
  for (int i = 0; i < 6; ++i) hook({"thing.made"}, "s", "hook" + std::to_string(i));
  const auto queue = deliveries();
  queue->start();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&] {
      for (int i = 0; i < 10; ++i) happens();
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (int i = 0; i < 1000 && receiver_.taken().size() < 240; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  queue->stop();
  EXPECT_THAT(receiver_.taken(), SizeIs(240));
  EXPECT_EQ(counted("delivered"), 240);
}

TEST_P(WebhooksTest, ManyDeadOnesDoNotHoldUpTheOthers) {
  for (int i = 0; i < 8; ++i) hook({"thing.made"}, "", "dead" + std::to_string(i));
  const Transport dead_or_not = [this](const Delivery& delivery) {
    if (delivery.url.find("dead") == std::string::npos) return receiver_.take(delivery);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return Receiver::answer(503, true);
  };
  for (int i = 0; i < 20; ++i) happens();
  Deliveries queue(*database_, clock_, random_, secrets_, dead_or_not, metrics_);
  queue.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  hook({"thing.made"}, "", "alive");
  happens();
  for (int i = 0; i < 150 && receiver_.taken().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  queue.stop();
  EXPECT_THAT(receiver_.taken(), SizeIs(1)) << "though 160 calls of 300 ms were due before it";
}

INSTANTIATE_TEST_SUITE_P(Databases, WebhooksTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace slipway::webhooks
