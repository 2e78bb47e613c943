// Answers that wait for a change to be durable, with a change that the test decides about.
#include "foundation/http/held_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "foundation/http/server_fixture.h"

namespace slipway::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class FakeChange final : public PendingChange {
 public:
  void wait() override {
    std::unique_lock lock(mutex_);
    decided_.wait(lock, [this] { return is_decided_; });
    if (failure_) throw Error(*failure_);
  }
  void when_durable(Listener listener) override {
    {
      const std::lock_guard lock(mutex_);
      if (!is_decided_) return listeners_.push_back(std::move(listener));
    }
    listener(failure_);
  }
  void decide(const std::optional<Error>& failure = std::nullopt) {
    std::vector<Listener> listeners;
    {
      const std::lock_guard lock(mutex_);
      is_decided_ = true;
      failure_ = failure;
      listeners.swap(listeners_);
    }
    decided_.notify_all();
    for (const Listener& listener : listeners) listener(failure);
  }
  size_t listeners() {
    const std::lock_guard lock(mutex_);
    return listeners_.size();
  }

 private:
  std::mutex mutex_;  // guards the rest
  std::condition_variable decided_;
  bool is_decided_ = false;
  std::optional<Error> failure_;
  std::vector<Listener> listeners_;
};

class HeldAnswers : public ::testing::Test {
 protected:
  void wait_until_held(size_t count) const {
    while (change_->listeners() < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Handler held(std::string content) {
    return [this, content](Request&) {
      AnswerScope::current()->hold_for(change_);
      return Response::text(200, content);
    };
  }

  const std::shared_ptr<FakeChange> change_ = std::make_shared<FakeChange>();
  TestServer server_;
};

constexpr std::string_view kWrite = "POST /write HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

TEST_F(HeldAnswers, LeaveWhenTheChangeIsDurableAndKeepTheConnection) {
  server_.route("POST", "/write", held("done"));
  server_.route("GET", "/other", [](Request&) { return Response::text(200, "meanwhile"); });
  const int port = server_.start();
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (int i = 0; i < 100; ++i) {  // many more than there are threads
    sockets.push_back(std::make_unique<RawSocket>(port));
    sockets.back()->send(kWrite);
  }
  wait_until_held(100);
  RawSocket other(port);
  other.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(other.read_answer(), EndsWith("meanwhile"));
  change_->decide();
  for (const auto& socket : sockets) EXPECT_THAT(socket->read_answer(), EndsWith("\r\n\r\ndone"));
  for (const auto& socket : sockets) {
    socket->send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(socket->read_answer(), EndsWith("meanwhile"));
  }
}

TEST_F(HeldAnswers, TellOfAChangeThatWasLost) {
  server_.route("POST", "/write", held("done"));
  RawSocket socket(server_.start());
  socket.send(kWrite);
  wait_until_held(1);
  change_->decide(unavailable("the disk is gone"));
  const std::string answer = socket.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("the disk is gone"));
}

TEST_F(HeldAnswers, KeepTheOrderOfPipelinedRequests) {
  server_.route("POST", "/write", held("first"));
  server_.route("GET", "/other", [](Request&) { return Response::text(200, "second"); });
  RawSocket socket(server_.start());
  socket.send(std::string(kWrite) + "GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until_held(1);
  change_->decide();
  EXPECT_THAT(socket.read_answer(), EndsWith("first"));
  EXPECT_THAT(socket.read_answer(), EndsWith("second"));
}

TEST_F(HeldAnswers, CloseWhenAsked) {
  server_.route("POST", "/write", held("done"));
  RawSocket socket(server_.start());
  socket.send("POST /write HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  wait_until_held(1);
  change_->decide();
  EXPECT_THAT(socket.read_to_end(), EndsWith("done"));
  EXPECT_TRUE(socket.is_closed());
}

TEST_F(HeldAnswers, DoNotKeepTheOthersWaitingForASlowClient) {
  constexpr size_t kLarge = size_t{24} << 20U;  // more than a socket takes
  server_.route("POST", "/large", held(std::string(kLarge, 'x')));
  server_.route("POST", "/write", held("done"));
  const int port = server_.start();
  RawSocket slow(port);
  slow.send("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  RawSocket quick(port);
  quick.send(kWrite);
  wait_until_held(2);
  change_->decide();  // returns although nobody reads the large one
  EXPECT_THAT(quick.read_answer(), EndsWith("done"));
  const std::string answer = slow.read_answer();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, kLarge);
}

TEST_F(HeldAnswers, AStreamedAnswerWaitsOnItsThread) {
  server_.route("POST", "/write", [this](Request&) {
    AnswerScope::current()->hold_for(change_);
    Response response;
    response.body = StreamBody{[](BodyWriter& writer) { writer.write("streamed"); }, 8};
    return response;
  });
  RawSocket socket(server_.start());
  socket.send(kWrite);
  std::thread decider([&] { change_->decide(); });
  EXPECT_THAT(socket.read_answer(), EndsWith("streamed"));
  decider.join();
}

}  // namespace
}  // namespace slipway::http
