#include "foundation/http/listener.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "foundation/base/error.h"

namespace slipway::http {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList resolve(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string name = bracketed ? host.substr(1, host.size() - 2) : host;
  const int code = ::getaddrinfo(name.empty() ? nullptr : name.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) throw invalid_argument("cannot listen on ", host, ": ", std::string(::gai_strerror(code)));
  return {found, &::freeaddrinfo};
}

Error cannot_bind(const std::string& host, int port, int error) {
  if (error == EADDRINUSE) {
    return unavailable("address ", host, ':', port, " is in use; stop the program that has it or choose another port");
  }
  if (error == EACCES) {
    return permission_denied("address ", host, ':', port, " is not allowed for this user; choose a port above 1023");
  }
  if (error == EADDRNOTAVAIL) return unavailable("address ", host, " is not one of this machine");
  return unavailable("cannot listen on ", host, ':', port, ": ", std::generic_category().message(error));
}

int port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) throw system_error("getsockname");
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

std::string name_of_peer(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&v6);
    ::inet_ntop(is_mapped ? AF_INET : AF_INET6, is_mapped ? v6.s6_addr + 12 : v6.s6_addr, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text.data(), text.size());
  }
  return text.data();
}

}  // namespace

Listener::Listener(const std::string& host, int port) {
  const AddressList addresses = resolve(host, port);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
    files::Descriptor candidate(::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!candidate.valid()) {
      error = errno;
      continue;
    }
    const int on = 1;
    ::setsockopt(candidate.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(candidate.get(), at->ai_addr, at->ai_addrlen) == 0 && ::listen(candidate.get(), 4096) == 0) {
      port_ = port_of(candidate.get());
      socket_ = std::move(candidate);
      return;
    }
    error = errno;
  }
  throw cannot_bind(host, port, error);
}

Listener::Outcome Listener::accept(Accepted& accepted) {
  for (;;) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    files::Descriptor socket(
        ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      const int on = 1;
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      accepted = {std::move(socket), name_of_peer(address)};
      return Outcome::kAccepted;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return Outcome::kExhausted;
    // Other errors belong to one connection that went away before it was taken.
    // EINVAL: shut down.
    if (errno == EAGAIN || errno == EINVAL) return Outcome::kNone;
  }
}

void Listener::hold_arrivals() {
  sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{1, &drop};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void Listener::refuse_more() { ::shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace slipway::http
