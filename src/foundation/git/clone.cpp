#include "foundation/git/clone.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/git/api.h"

namespace slipway::git {

namespace {

// What was tried for one server; libgit2 asks again after each refusal.
struct Attempts {
  size_t keys = 0;
  bool agent = false;
};

int give_key(git_credential** out, Attempts& attempts, const char* user) {
  if (!attempts.agent) {
    attempts.agent = true;
    if (std::getenv("SSH_AUTH_SOCK") != nullptr) return api().git_credential_ssh_key_from_agent(out, user);
  }
  static constexpr std::array names = {"id_ed25519", "id_ecdsa", "id_rsa"};
  const char* home = std::getenv("HOME");
  while (home != nullptr && attempts.keys < names.size()) {
    const std::string key = text::concat(home, "/.ssh/", names.at(attempts.keys++));
    if (::access(key.c_str(), R_OK) == 0) {
      return api().git_credential_ssh_key_new(out, user, nullptr, key.c_str(), nullptr);
    }
  }
  return GIT_PASSTHROUGH;
}

int give_credential(git_credential** out, const char*, const char* user, unsigned int allowed, void* payload) {
  const char* name = user == nullptr ? "git" : user;
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) return api().git_credential_username_new(out, name);
  if ((allowed & GIT_CREDENTIAL_SSH_KEY) == 0) return GIT_PASSTHROUGH;
  return give_key(out, *static_cast<Attempts*>(payload), name);
}

}  // namespace

void clone(const std::string& url, const std::string& folder) {
  git_clone_options options{};
  check(api().git_clone_options_init(&options, GIT_CLONE_OPTIONS_VERSION), "prepare to clone");
  Attempts attempts;
  options.bare = 1;
  options.fetch_opts.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_ALL;
  options.fetch_opts.callbacks.credentials = give_credential;
  options.fetch_opts.callbacks.payload = &attempts;
  git_repository* made = nullptr;
  const int status = api().git_clone(&made, url.c_str(), folder.c_str(), &options);
  const Owned<git_repository> owned(made, api().git_repository_free);
  if (status >= 0) return;
  const git_error* last = api().git_error_last();
  throw unavailable("Failed to clone repo '", url, "': ", last == nullptr ? "no reason was given" : last->message);
}

}  // namespace slipway::git
