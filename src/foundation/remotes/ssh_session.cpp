#include "foundation/remotes/ssh_session.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "foundation/base/text.h"
#include "foundation/http/message.h"
#include "foundation/remotes/ssh_config.h"

namespace slipway::remotes {

namespace {

std::string own_name() {
  if (const auto name = environment_variable("USER"); name && !name->empty()) return *name;
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? "root" : entry->pw_name;
}

SshHost settings_for(const std::string& host) {
  const std::string path = expand_home("~/.ssh/config");
  return find_ssh_host(files::exists(path) ? files::read(path) : "", host);
}

files::Descriptor connect_to(const SshTarget& target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string place = text::concat(target.address, ":", target.port);
  if (const int status = ::getaddrinfo(target.address.c_str(), std::to_string(target.port).c_str(), &hints, &found);
      status != 0) {
    throw unavailable("cannot find the host ", target.address, ": ", std::string(::gai_strerror(status)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, &::freeaddrinfo);
  int fault = ECONNREFUSED;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    files::Descriptor out(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
    if (!out.valid()) continue;
    if (::connect(out.get(), at->ai_addr, at->ai_addrlen) != 0) {
      fault = errno;
      pollfd waiting{out.get(), POLLOUT, 0};
      if (fault != EINPROGRESS) continue;
      if (::poll(&waiting, 1, static_cast<int>(target.timeout_ms)) != 1) {
        fault = ETIMEDOUT;
        continue;
      }
      socklen_t size = sizeof fault;
      ::getsockopt(out.get(), SOL_SOCKET, SO_ERROR, &fault, &size);
      if (fault != 0) continue;
    }
    const int yes = 1;
    ::setsockopt(out.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::fcntl(out.get(), F_SETFL, 0);
    return out;
  }
  throw unavailable("cannot reach ssh://", place, ": ", std::string(std::strerror(fault)));
}

// What known_hosts files say about the key that a host shows.
enum class HostKey { kKnown, kUnknown, kOther };

HostKey judge(LIBSSH2_SESSION* session, const SshTarget& target) {
  size_t size = 0;
  int kind = 0;
  const char* key = ssh().libssh2_session_hostkey(session, &size, &kind);
  if (key == nullptr) throw unavailable("the host ", target.host, " shows no key");
  const std::unique_ptr<LIBSSH2_KNOWNHOSTS, void (*)(LIBSSH2_KNOWNHOSTS*)> known(ssh().libssh2_knownhost_init(session),
                                                                                 ssh().libssh2_knownhost_free);
  for (const std::string& file : target.known_hosts_files) {
    // A file that is not there knows nobody.
    ssh().libssh2_knownhost_readfile(known.get(), file.c_str(), LIBSSH2_KNOWNHOST_FILE_OPENSSH);
  }
  HostKey out = HostKey::kUnknown;
  for (const std::string& name : {target.host, target.address}) {
    const int found =
        ssh().libssh2_knownhost_checkp(known.get(), name.c_str(), target.port, key, size,
                                       LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW, nullptr);
    if (found == LIBSSH2_KNOWNHOST_CHECK_MATCH) return HostKey::kKnown;
    if (found == LIBSSH2_KNOWNHOST_CHECK_MISMATCH) out = HostKey::kOther;
  }
  return out;
}

}  // namespace

SshTarget ssh_target_of(std::string_view url, const Options& options) {
  std::string_view rest = url.substr(std::min(url.find("://") + 3, url.size()));
  const size_t slash = std::min(rest.find('/'), rest.size());
  SshTarget out;
  out.path = rest.substr(slash);
  while (out.path.size() > 1 && out.path.ends_with('/')) out.path.pop_back();
  std::string_view authority = rest.substr(0, slash);
  std::string user;
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    user = http::percent_decode(authority.substr(0, at)).value_or("");
    user = user.substr(0, user.find(':'));
    authority.remove_prefix(at + 1);
  }
  std::string port;
  if (const size_t colon = authority.rfind(':'); colon != std::string_view::npos && !authority.ends_with(']')) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  out.host = authority;
  if (out.host.empty()) throw invalid_argument("'", url, "' names no host: write ssh://host/path");
  const SshHost settings = settings_for(out.host);
  const auto first = [](std::initializer_list<std::string> values) {
    for (const std::string& value : values) {
      if (!value.empty()) return value;
    }
    return std::string();
  };
  out.address = first({settings.host_name, out.host});
  const std::string number = first({options.get("port"), port, settings.port, "22"});
  const auto parsed = text::parse_int(number);
  if (!parsed || *parsed < 1 || *parsed > 65'535) throw invalid_argument("'", number, "' is no port of ssh");
  out.port = static_cast<int>(*parsed);
  out.user = first({options.get("user"), user, settings.user, own_name()});
  out.password = options.get("password");
  out.passphrase = options.get("passphrase");
  out.use_agent = options.flag("allow_agent", true);
  out.timeout_ms = options.seconds_as_ms("timeout", 30'000);
  if (options.has("keyfile")) {
    out.key_files = {expand_home(options.get("keyfile"))};
  } else {
    for (const std::string& file : settings.identity_files) out.key_files.push_back(expand_home(file));
    for (const char* file : {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}) {
      out.key_files.push_back(expand_home(file));
    }
  }
  for (const std::string& file : settings.known_hosts_files) out.known_hosts_files.push_back(expand_home(file));
  if (out.known_hosts_files.empty()) {
    out.known_hosts_files = {expand_home("~/.ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"};
  }
  const std::string strict = text::lower(settings.strict_host_key_checking);
  out.accept_unknown_host = strict == "no" || strict == "off" || strict == "accept-new";
  return out;
}

SshSession::SshSession(const SshTarget& target) {
  try {
    connect(target);
    authenticate(target);
    sftp_ = ssh().libssh2_sftp_init(session_);
    if (sftp_ == nullptr) throw error(text::concat("speak SFTP with ", target.host));
  } catch (...) {
    close();
    throw;
  }
}

SshSession::~SshSession() { close(); }

void SshSession::close() {
  if (sftp_ != nullptr) ssh().libssh2_sftp_shutdown(sftp_);
  if (session_ != nullptr) {
    ssh().libssh2_session_disconnect_ex(session_, SSH_DISCONNECT_BY_APPLICATION, "", "");
    ssh().libssh2_session_free(session_);
  }
  sftp_ = nullptr;
  session_ = nullptr;
  socket_ = files::Descriptor();
}

void SshSession::connect(const SshTarget& target) {
  // A host has a key of each kind, and may be known by another than the one that would be agreed on first.
  for (const char* kind : {"", "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}) {
    close();
    if (shake_hands(target, kind)) return;
  }
  throw permission_denied("the host ", target.host, " is not in ", target.known_hosts_files.front(),
                          ", or has another key than there; connect once with `ssh ", target.host,
                          "` and compare its key");
}

bool SshSession::shake_hands(const SshTarget& target, const char* key_kind) {
  socket_ = connect_to(target);
  session_ = ssh().libssh2_session_init_ex(nullptr, nullptr, nullptr, nullptr);
  if (session_ == nullptr) throw internal_error("libssh2 has no memory");
  ssh().libssh2_session_set_timeout(session_, target.timeout_ms);
  const bool chosen = *key_kind != '\0';
  if (chosen && ssh().libssh2_session_method_pref(session_, LIBSSH2_METHOD_HOSTKEY, key_kind) != 0) return false;
  if (ssh().libssh2_session_handshake(session_, socket_.get()) != 0) {
    if (chosen) return false;  // the host has no such key
    throw error(text::concat("agree with ", target.host, " on how to speak"));
  }
  const HostKey judged = judge(session_, target);
  return judged == HostKey::kKnown || (judged == HostKey::kUnknown && target.accept_unknown_host);
}

bool SshSession::try_agent(const SshTarget& target) {
  if (!target.use_agent || !environment_variable("SSH_AUTH_SOCK")) return false;
  LIBSSH2_AGENT* agent = ssh().libssh2_agent_init(session_);
  if (agent == nullptr) return false;
  bool out = false;
  if (ssh().libssh2_agent_connect(agent) == 0 && ssh().libssh2_agent_list_identities(agent) == 0) {
    libssh2_agent_publickey* key = nullptr;
    while (!out && ssh().libssh2_agent_get_identity(agent, &key, key) == 0) {
      out = ssh().libssh2_agent_userauth(agent, target.user.c_str(), key) == 0;
    }
  }
  ssh().libssh2_agent_disconnect(agent);
  ssh().libssh2_agent_free(agent);
  return out;
}

bool SshSession::try_key(const SshTarget& target, const std::string& file) {
  return files::exists(file) && ssh().libssh2_userauth_publickey_fromfile_ex(
                                    session_, target.user.c_str(), static_cast<unsigned int>(target.user.size()),
                                    nullptr, file.c_str(), target.passphrase.c_str()) == 0;
}

void SshSession::authenticate(const SshTarget& target) {
  if (try_agent(target)) return;
  for (const std::string& file : target.key_files) {
    if (try_key(target, file)) return;
  }
  const bool by_password =
      !target.password.empty() &&
      ssh().libssh2_userauth_password_ex(session_, target.user.c_str(), static_cast<unsigned int>(target.user.size()),
                                         target.password.c_str(), static_cast<unsigned int>(target.password.size()),
                                         nullptr) == 0;
  if (by_password) return;
  throw Error(ErrorCode::kUnauthenticated,
              text::concat("ssh://", target.user, "@", target.host, ":", target.port,
                           " does not let us in; load a key into ssh-agent, or set keyfile or password of the remote"));
}

unsigned long SshSession::status() const {
  return sftp_ == nullptr ? LIBSSH2_FX_OK : ssh().libssh2_sftp_last_error(sftp_);
}

Error SshSession::error(std::string_view what) const {
  char* message = nullptr;
  int size = 0;
  const int code = session_ == nullptr ? 0 : ssh().libssh2_session_last_error(session_, &message, &size, 0);
  const std::string reason(message == nullptr ? "" : message, message == nullptr ? 0 : static_cast<size_t>(size));
  if (code != LIBSSH2_ERROR_SFTP_PROTOCOL) return unavailable("cannot ", what, ": ", reason);
  switch (status()) {
    case LIBSSH2_FX_NO_SUCH_FILE:
    case LIBSSH2_FX_NO_SUCH_PATH:
      return not_found("cannot ", what, ": no such file");
    case LIBSSH2_FX_PERMISSION_DENIED:
      return permission_denied("cannot ", what, ": permission denied");
    case LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM:
    case LIBSSH2_FX_QUOTA_EXCEEDED:
      return {ErrorCode::kOutOfSpace, text::concat("cannot ", what, ": no space left there")};
    case LIBSSH2_FX_NO_CONNECTION:
    case LIBSSH2_FX_CONNECTION_LOST:
      return unavailable("cannot ", what, ": the connection is lost");
    default:
      return internal_error("cannot ", what, ": the server answers with status ", status());
  }
}

}  // namespace slipway::remotes
