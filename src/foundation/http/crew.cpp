#include "foundation/http/crew.h"

#include <csignal>
#include <system_error>

#include "foundation/base/log.h"

namespace slipway::http {

namespace {
constexpr auto kRetireAfter = std::chrono::seconds(30);
// Threads that wait for silent clients; when most of these do, silence is not borne for long.
constexpr int kMostOnPeers = 512;
}  // namespace

struct Crew::Member final : BlockingObserver {
  explicit Member(Crew& of) : crew(of) {}

  void on_block() override {
    --crew.active_;
    crew.stand_in_if_none_waits();
  }
  void on_unblock() override { ++crew.active_; }
  void on_peer_wait() override { ++crew.on_peers_; }
  void on_peer_answer() override { --crew.on_peers_; }
  bool is_short_of_threads() const override { return crew.on_peers_ > kMostOnPeers / 4 * 3; }

  Crew& crew;
  std::unique_ptr<Worker> worker;
  std::atomic<uint64_t> served{0};
  bool retired = false;  // under the crew's mutex
  std::thread thread;
};

Crew::Crew(int hot, int most, std::function<std::unique_ptr<Worker>()> make_worker)
    : hot_(hot), most_(std::max(hot, most)), make_worker_(std::move(make_worker)), wanted_(hot) {}

Crew::~Crew() { stop(); }

void Crew::start() {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < hot_; ++i) add_member();
}

void Crew::add_member() {
  auto fresh = std::make_unique<Member>(*this);
  Member& member = *fresh;
  member.worker = make_worker_();
  member.thread = std::thread([this, &member] { run(member); });
  ++active_;
  members_.push_back(std::move(fresh));
}

void Crew::stop() {
  std::list<std::unique_ptr<Member>> all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
    all.swap(members_);
  }
  for (const auto& member : all) member->thread.join();
}

void Crew::run(Member& member) {
  // sendfile knows no MSG_NOSIGNAL; a peer that goes away must not end the process.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  set_blocking_observer(&member);
  while (!stopping()) {
    ++idle_;
    member.worker->wait();
    --idle_;
    stand_in_if_none_waits();
    member.worker->serve();
    member.served.fetch_add(1, std::memory_order_relaxed);
    if (active_ > wanted_) rest_while_surplus(member);
    if (member.retired) return;
  }
}

void Crew::rest_while_surplus(Member& member) {
  std::unique_lock lock(mutex_);
  if (active_ <= wanted_ || stopping_) return;
  --active_;
  ++resting_;
  const bool called = wake_.wait_for(lock, kRetireAfter, [&] { return calls_ > 0 || stopping_; });
  --resting_;
  if (!called) {
    member.retired = true;
  } else if (!stopping_) {
    --calls_;  // whoever called has counted us active already
  }
}

// Called whenever one blocks and whenever one stops waiting. As long as somebody waits for events nobody is missed, and
// a handler that blocks for less than the time to the next event costs no wake-up.
void Crew::stand_in_if_none_waits() {
  if (idle_ == 0 && active_ < wanted_) bring_spare();
}

void Crew::bring_spare() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || active_ >= wanted_) return;
  if (resting_ > calls_) {
    ++calls_;
    ++active_;
    wake_.notify_one();
    return;
  }
  bury_retired();
  if (static_cast<int>(members_.size()) >= limit()) return;
  try {
    add_member();
  } catch (const std::system_error& error) {
    // The handler that is about to block must not fail for want of a thread; the others carry on.
    log::warning("no more threads", {{"reason", error.what()}, {"threads", std::to_string(members_.size())}});
  }
}

void Crew::bury_retired() {
  for (auto member = members_.begin(); member != members_.end();) {
    if (!(*member)->retired) {
      ++member;
      continue;
    }
    (*member)->thread.join();
    member = members_.erase(member);
  }
}

int Crew::limit() const { return most_ + std::min<int>(on_peers_, kMostOnPeers); }

int Crew::size() {
  const std::lock_guard lock(mutex_);
  bury_retired();
  return static_cast<int>(members_.size());
}

bool Crew::look_after() {
  uint64_t served = 0;
  const bool anybody_waits = idle_ > 0;
  {
    const std::lock_guard lock(mutex_);
    bury_retired();
    for (const auto& member : members_) {
      served += member->served.load(std::memory_order_relaxed);
    }
    const bool moved = served != served_before_;
    served_before_ = served;
    if (anybody_waits && wanted_ > hot_) --wanted_;
    if (anybody_waits || moved) return true;
    if (wanted_ < most_) ++wanted_;
  }
  bring_spare();
  const std::lock_guard lock(mutex_);
  return static_cast<int>(members_.size()) < limit() || resting_ > 0;
}

}  // namespace slipway::http
