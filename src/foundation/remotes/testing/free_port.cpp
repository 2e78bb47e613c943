#include "foundation/remotes/testing/free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "foundation/base/files.h"

namespace slipway::remotes {

int free_port() {
  const files::Descriptor probe(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace slipway::remotes
