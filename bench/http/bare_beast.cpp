// The yardstick: the least that can be done with Boost.Beast's parser and serializer on epoll. No routes, no limits, no
// deadlines, no metrics, one epoll set per thread.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace {

namespace http = boost::beast::http;

struct Connection {
  explicit Connection(int with_socket) : socket(with_socket) {}
  ~Connection() { ::close(socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket;
  boost::beast::flat_buffer input;
};

int listen_on(uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (!bound || ::listen(socket, 4096) != 0) {
    std::perror("bare_beast");
    std::exit(1);
  }
  return socket;
}

void answer(const Connection& connection, const http::request<http::string_body>& request) {
  http::response<http::string_body> response(http::status::ok, request.version());
  response.set(http::field::server, "beast");
  response.set(http::field::content_type, "text/plain");
  response.keep_alive(request.keep_alive());
  response.body() = "hello, world";
  response.prepare_payload();
  http::response_serializer<http::string_body> serializer(response);
  boost::beast::error_code error;
  while (!serializer.is_done() && !error) {
    serializer.next(error, [&](boost::beast::error_code& failed, const auto& buffers) {
      std::array<iovec, 16> pieces{};
      size_t count = 0;
      for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers);
           ++at) {
        const boost::asio::const_buffer piece(*at);
        pieces.at(count++) = {const_cast<void*>(piece.data()), piece.size()};
      }
      const ssize_t sent = ::writev(connection.socket, pieces.data(), static_cast<int>(count));
      if (sent < 0) {
        failed = boost::beast::errc::make_error_code(boost::beast::errc::io_error);
      } else {
        serializer.consume(static_cast<size_t>(sent));
      }
    });
  }
}

// false: the connection is over.
bool serve(Connection& connection) {
  const auto room = connection.input.prepare(4096);
  const ssize_t count = ::recv(connection.socket, room.data(), room.size(), 0);
  if (count <= 0) return count < 0 && errno == EAGAIN;
  connection.input.commit(static_cast<size_t>(count));
  while (connection.input.size() > 0) {
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    boost::beast::error_code error;
    connection.input.consume(parser.put(connection.input.data(), error));
    if (error || !parser.is_done()) return false;  // the load generator sends whole requests
    answer(connection, parser.get());
  }
  return true;
}

void run(int listener) {
  const int epoll = ::epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events.at(static_cast<size_t>(i)).data.ptr);
      if (connection == nullptr) {
        const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (accepted < 0) continue;
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        event.data.ptr = std::make_unique<Connection>(accepted).release();
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event);
      } else if (!serve(*connection)) {
        const std::unique_ptr<Connection> ended(connection);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8081);
  const unsigned threads = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : std::thread::hardware_concurrency();
  std::vector<std::thread> running;
  for (unsigned i = 0; i < threads; ++i) running.emplace_back(run, listen_on(port));
  for (std::thread& thread : running) thread.join();
}
