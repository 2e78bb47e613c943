#include "foundation/http/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"

namespace slipway::http {

namespace {

using Bytes = std::array<uint8_t, 16>;

struct Range {
  const char* address;
  int bits;
};

// What the IANA registries of special-purpose addresses keep from the internet, and multicast.
constexpr Range kNotPublic4[] = {
    {"0.0.0.0", 8},     {"10.0.0.0", 8},      {"100.64.0.0", 10},  {"127.0.0.0", 8},    {"169.254.0.0", 16},
    {"172.16.0.0", 12}, {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.88.99.0", 24}, {"192.168.0.0", 16},
    {"198.18.0.0", 15}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4},
};
// Of IPv6 only 2000::/3 is given out at all; these parts of it are not the internet or lead through relays.
constexpr Range kNotPublic6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20}};
constexpr Range kGlobal6 = {"2000::", 3};
constexpr Range kMapped = {"::ffff:0:0", 96};
constexpr Range kNat64 = {"64:ff9b::", 96};

bool same_bits(const uint8_t* a, const uint8_t* b, int bits) {
  const int whole = bits / 8;
  if (std::memcmp(a, b, static_cast<size_t>(whole)) != 0) return false;
  const int rest = bits % 8;
  const auto mask = static_cast<uint8_t>(0xFF00U >> static_cast<unsigned>(rest));
  return rest == 0 || (a[whole] & mask) == (b[whole] & mask);
}

bool lies_in(int family, const uint8_t* address, const Range& range) {
  Bytes start{};
  ::inet_pton(family, range.address, start.data());
  return same_bits(address, start.data(), range.bits);
}

bool is_public4(const uint8_t* address) {
  return std::none_of(std::begin(kNotPublic4), std::end(kNotPublic4),
                      [&](const Range& range) { return lies_in(AF_INET, address, range); });
}

bool is_public6(const uint8_t* address) {
  if (lies_in(AF_INET6, address, kMapped) || lies_in(AF_INET6, address, kNat64)) return is_public4(address + 12);
  return lies_in(AF_INET6, address, kGlobal6) &&
         std::none_of(std::begin(kNotPublic6), std::end(kNotPublic6),
                      [&](const Range& range) { return lies_in(AF_INET6, address, range); });
}

template <typename Address>
Address read_as(const sockaddr_storage& storage) {
  Address out;
  std::memcpy(&out, &storage, sizeof out);
  return out;
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size)
    : size_(std::min<socklen_t>(size, sizeof storage_)) {
  std::memcpy(&storage_, address, size_);
}

std::optional<SocketAddress> SocketAddress::parse(const std::string& text) {
  sockaddr_in four{};
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    return SocketAddress(reinterpret_cast<const sockaddr*>(&four), sizeof four);
  }
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1) return std::nullopt;
  six.sin6_family = AF_INET6;
  return SocketAddress(reinterpret_cast<const sockaddr*>(&six), sizeof six);
}

const sockaddr* SocketAddress::get() const { return reinterpret_cast<const sockaddr*>(&storage_); }

std::string SocketAddress::text() const {
  std::array<char, NI_MAXHOST> out{};
  const int code = ::getnameinfo(get(), size_, out.data(), out.size(), nullptr, 0, NI_NUMERICHOST);
  return code == 0 ? std::string(out.data()) : "an unknown address";
}

bool SocketAddress::is_public() const {
  if (family() == AF_INET) {
    const auto four = read_as<sockaddr_in>(storage_);
    return is_public4(reinterpret_cast<const uint8_t*>(&four.sin_addr));
  }
  if (family() != AF_INET6) return false;
  const auto six = read_as<sockaddr_in6>(storage_);
  return is_public6(six.sin6_addr.s6_addr);
}

std::vector<SocketAddress> resolve(const std::string& host, int port) {
  const BlockingSection section;  // asks a name server
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) throw unavailable(std::string(::gai_strerror(code)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  std::vector<SocketAddress> out;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) out.emplace_back(at->ai_addr, at->ai_addrlen);
  return out;
}

const SocketAddress* find_not_public(const std::vector<SocketAddress>& addresses) {
  for (const SocketAddress& address : addresses) {
    if (!address.is_public()) return &address;
  }
  return nullptr;
}

}  // namespace slipway::http
