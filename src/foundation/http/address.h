// Addresses of hosts: what a name resolves to, and whether an address is one of the public internet. A server that
// fetches or calls what somebody else names must not become their way into its own network (SSRF). Used by the client
// and by whoever checks an URL before keeping it.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

namespace slipway::http {

class SocketAddress {
 public:
  SocketAddress(const sockaddr* address, socklen_t size);
  // A numeric IPv4 or IPv6 address in its usual form.
  static std::optional<SocketAddress> parse(const std::string& text);

  const sockaddr* get() const;
  socklen_t size() const { return size_; }
  int family() const { return storage_.ss_family; }
  std::string text() const;
  // Whether it may be anywhere on the internet: not loopback, private, link-local, shared, multicast, reserved or for
  // documentation. What carries an IPv4 address inside (IPv4-mapped, NAT64) is judged by that one; 6to4 and Teredo,
  // which hand packets to relays, are not public.
  bool is_public() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// In the order in which they should be tried. Throws unavailable with the resolver's reason. A number is taken in every
// form that the resolver knows ("127.1", "0x7f000001"): judge what comes out, not the text.
std::vector<SocketAddress> resolve(const std::string& host, int port);

// The first that is not public, if there is one.
const SocketAddress* find_not_public(const std::vector<SocketAddress>& addresses);

}  // namespace slipway::http
