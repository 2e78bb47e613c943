// A bounded set of connections, made when first needed and used by one thread at a time. Used by both databases.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/sql/database.h"

namespace slipway::sql {

template <typename Connection>
class Pool {
 public:
  // `name` is the database's, for messages.
  Pool(std::string name, const DatabaseOptions& options, std::function<std::unique_ptr<Connection>()> make)
      : name_(std::move(name)), options_(options), make_(std::move(make)) {}

  // A connection on loan; goes back at the end unless it was discarded.
  class Loan {
   public:
    Loan(Pool& pool, std::unique_ptr<Connection> connection) : pool_(pool), connection_(std::move(connection)) {}
    ~Loan() { pool_.give_back(std::move(connection_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }
    // Closes it and everything that waits idly, since those are as old, and makes a new one.
    void replace() {
      connection_.reset();
      pool_.close_idle();
      connection_ = pool_.make_();
    }
    bool discarded() const { return connection_ == nullptr; }
    void discard() { connection_.reset(); }

   private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
  };

  Loan take() { return Loan(*this, take_connection()); }

 private:
  std::unique_ptr<Connection> take_connection() {
    std::unique_lock lock(mutex_);
    const auto available = [this] { return !idle_.empty() || open_ < options_.max_connections; };
    if (!available()) {
      const BlockingSection blocking;
      if (!returned_.wait_for(lock, std::chrono::milliseconds(options_.busy_timeout_ms), available)) {
        throw unavailable("all ", options_.max_connections, " connections to database ", name_,
                          " are busy; try again later");
      }
    }
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++open_;
    lock.unlock();
    try {
      return make_();
    } catch (const Error&) {
      give_back(nullptr);
      throw;
    }
  }

  // Null: it was closed.
  void give_back(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      if (connection) {
        idle_.push_back(std::move(connection));
      } else {
        --open_;
      }
    }
    returned_.notify_one();
  }

  void close_idle() {
    std::vector<std::unique_ptr<Connection>> closing;
    const std::lock_guard lock(mutex_);
    open_ -= static_cast<int>(idle_.size());
    closing.swap(idle_);
  }

  const std::string name_;
  const DatabaseOptions options_;
  const std::function<std::unique_ptr<Connection>()> make_;
  std::mutex mutex_;  // guards the two below
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int open_ = 0;
};

}  // namespace slipway::sql
