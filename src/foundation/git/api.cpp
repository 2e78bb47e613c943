#include "foundation/git/api.h"

#include <array>
#include <string>

#include "foundation/base/error.h"

namespace slipway::git {

namespace {

std::string library_name() { return text::concat("libgit2.so.", LIBGIT2_VER_MAJOR, ".", LIBGIT2_VER_MINOR); }

}  // namespace

Api::Api() : library(library_name()) {
#define SLIPWAY_GIT_BIND(name) library.bind(name, #name);
  SLIPWAY_GIT_FUNCTIONS(SLIPWAY_GIT_BIND)
#undef SLIPWAY_GIT_BIND
  if (git_libgit2_init() < 0) throw internal_error("libgit2 cannot start");
  // The check protects programs that run what a stranger's repository configures; nothing here does.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // Extensions that change nothing in how objects, references and the index are read.
  std::array<const char*, 3> extensions = {"worktreeconfig", "partialclone", "preciousobjects"};
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
}

Api::~Api() { git_libgit2_shutdown(); }

const Api& api() {
  static const Api opened;
  return opened;
}

void check(int status, std::string_view what) {
  if (status >= 0) return;
  const git_error* last = api().git_error_last();
  const std::string reason = last == nullptr || last->message == nullptr ? "no reason was given" : last->message;
  const std::string message = text::concat("Git cannot ", what, ": ", reason);
  switch (status) {
    case GIT_ENOTFOUND:
    case GIT_EUNBORNBRANCH:
      throw not_found(message);
    case GIT_EEXISTS:
      throw already_exists(message);
    case GIT_EAMBIGUOUS:
    case GIT_EINVALIDSPEC:
      throw invalid_argument(message);
    case GIT_ELOCKED:
    case GIT_ECONFLICT:
    case GIT_EMODIFIED:
      throw conflict(message);
    default:
      throw internal_error(message);
  }
}

git_oid id_of(std::string_view text) {
  git_oid out{};
  const std::string copy(text);
  if (copy.size() != GIT_OID_HEXSZ || api().git_oid_fromstr(&out, copy.c_str()) != 0) {
    throw invalid_argument("'", text, "' is not the id of a Git object");
  }
  return out;
}

std::string text_of(const git_oid& id) {
  std::array<char, GIT_OID_HEXSZ + 1> text{};
  api().git_oid_tostr(text.data(), text.size(), &id);
  return text.data();
}

}  // namespace slipway::git
