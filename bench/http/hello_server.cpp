// Our server with one constant route, for run.sh: hello_server PORT [HOT_WORKERS] [log].
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "foundation/http/server.h"

int main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  using namespace slipway;
  http::Router router;
  http::Route route;
  route.method = "GET";
  route.pattern = "/hello/{name}";
  route.handler = [](http::Request&) { return http::Response::text(200, "hello, world"); };
  router.add(std::move(route));
  metrics::Registry registry;
  http::ServerOptions options;
  options.port = argc > 1 ? std::atoi(argv[1]) : 8082;
  options.hot_workers = argc > 2 ? std::atoi(argv[2]) : 0;
  options.access_log = argc > 3 && std::string_view(argv[3]) == "log";
  http::Server server(options, router, registry);
  server.start();
  int received = 0;
  sigwait(&ends, &received);
  server.stop();
}
