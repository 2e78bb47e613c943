// How domains speak upward: plain facts that already happened, published on a bus. Audit, lineage, triggers
// and live pages subscribe; the publisher knows none of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace slipway::jobs {

struct Event {
  std::string kind;     // "run.created", "model_version.aliased", "monitor.alert_fired"
  std::string subject;  // id of the thing it happened to
  std::map<std::string, std::string> attributes;
  int64_t time_ms = 0;
};

class EventBus {
 public:
  using Subscriber = std::function<void(const Event&)>;
  EventBus();
  // Hands on what is still queued, then ends.
  ~EventBus();
  // `kind` of the events wanted, or a prefix of it that ends in "." ("monitor."), or "" for all. Before the first
  // publish. Subscribers run one event at a time, in order, on the bus's thread; what one throws is logged.
  void subscribe(std::string kind, Subscriber subscriber);
  // The same, but in the thread that publishes and before publish returns; what it throws reaches the publisher. For
  // what must be safe before the publisher takes the event for told.
  void subscribe_at_once(std::string kind, Subscriber subscriber);
  // Returns at once, but for the subscribers of subscribe_at_once. The queue is bounded (100,000); when it is full the
  // event is dropped and counted in the log.
  void publish(Event event);
  // Waits until everything published so far was handed on; for tests and shutdown.
  void flush();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace slipway::jobs
