// A real S3-speaking server (moto) on a free port, for as long as the object lives. Used by the S3 store's tests.
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace slipway::blobs {

class MotoServer {
 public:
  // Makes the Python environment on first use; throws with its words when that fails.
  MotoServer();
  ~MotoServer();
  MotoServer(const MotoServer&) = delete;
  MotoServer& operator=(const MotoServer&) = delete;
  // "http://127.0.0.1:PORT"
  const std::string& origin() const { return origin_; }

 private:
  std::string origin_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace slipway::blobs
