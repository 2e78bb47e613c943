// libgit2, opened by the first call: with the dozen libraries that it needs, linking it would double the start of a
// program that mostly runs commands without Git. Private to this module, whose files call api().git_...().
#pragma once

#include <git2.h>

#include <memory>
#include <string_view>

#include "foundation/engines/library.h"

// Every function that is called, by its own name; one line makes another one available.
#define SLIPWAY_GIT_FUNCTIONS(X)       \
  X(git_blob_create_from_buffer)       \
  X(git_blob_create_from_disk)         \
  X(git_blob_free)                     \
  X(git_blob_lookup)                   \
  X(git_blob_rawcontent)               \
  X(git_blob_rawsize)                  \
  X(git_checkout_options_init)         \
  X(git_checkout_tree)                 \
  X(git_clone)                         \
  X(git_clone_options_init)            \
  X(git_commit_author)                 \
  X(git_commit_committer)              \
  X(git_commit_create)                 \
  X(git_commit_free)                   \
  X(git_commit_id)                     \
  X(git_commit_lookup)                 \
  X(git_commit_message)                \
  X(git_commit_parent_id)              \
  X(git_commit_parentcount)            \
  X(git_commit_tree)                   \
  X(git_commit_tree_id)                \
  X(git_config_free)                   \
  X(git_config_get_string)             \
  X(git_credential_ssh_key_from_agent) \
  X(git_credential_ssh_key_new)        \
  X(git_credential_username_new)       \
  X(git_error_last)                    \
  X(git_fetch_options_init)            \
  X(git_graph_descendant_of)           \
  X(git_ignore_path_is_ignored)        \
  X(git_index_add)                     \
  X(git_index_add_bypath)              \
  X(git_index_entrycount)              \
  X(git_index_free)                    \
  X(git_index_get_byindex)             \
  X(git_index_get_bypath)              \
  X(git_index_new)                     \
  X(git_index_read)                    \
  X(git_index_read_tree)               \
  X(git_index_remove)                  \
  X(git_index_remove_bypath)           \
  X(git_index_remove_directory)        \
  X(git_index_write)                   \
  X(git_index_write_tree_to)           \
  X(git_libgit2_init)                  \
  X(git_libgit2_opts)                  \
  X(git_libgit2_shutdown)              \
  X(git_object_free)                   \
  X(git_object_id)                     \
  X(git_object_peel)                   \
  X(git_oid_fromstr)                   \
  X(git_oid_tostr)                     \
  X(git_push_options_init)             \
  X(git_reference_create)              \
  X(git_reference_delete)              \
  X(git_reference_free)                \
  X(git_reference_iterator_free)       \
  X(git_reference_iterator_glob_new)   \
  X(git_reference_lookup)              \
  X(git_reference_name)                \
  X(git_reference_name_is_valid)       \
  X(git_reference_next)                \
  X(git_reference_peel)                \
  X(git_reference_symbolic_target)     \
  X(git_remote_connect)                \
  X(git_remote_create_anonymous)       \
  X(git_remote_disconnect)             \
  X(git_remote_fetch)                  \
  X(git_remote_free)                   \
  X(git_remote_lookup)                 \
  X(git_remote_ls)                     \
  X(git_remote_push)                   \
  X(git_repository_commondir)          \
  X(git_repository_config_snapshot)    \
  X(git_repository_free)               \
  X(git_repository_index)              \
  X(git_repository_init)               \
  X(git_repository_open_ext)           \
  X(git_repository_path)               \
  X(git_repository_set_head_detached)  \
  X(git_repository_workdir)            \
  X(git_revparse_single)               \
  X(git_revwalk_free)                  \
  X(git_revwalk_new)                   \
  X(git_revwalk_next)                  \
  X(git_revwalk_push)                  \
  X(git_revwalk_simplify_first_parent) \
  X(git_revwalk_sorting)               \
  X(git_signature_free)                \
  X(git_signature_new)                 \
  X(git_status_byindex)                \
  X(git_status_list_entrycount)        \
  X(git_status_list_free)              \
  X(git_status_list_new)               \
  X(git_tree_entry_byindex)            \
  X(git_tree_entry_bypath)             \
  X(git_tree_entry_filemode)           \
  X(git_tree_entry_free)               \
  X(git_tree_entry_id)                 \
  X(git_tree_entry_name)               \
  X(git_tree_entrycount)               \
  X(git_tree_free)                     \
  X(git_tree_lookup)

namespace slipway::git {

struct Api {
  Api();
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  engines::Library library;
#define SLIPWAY_GIT_POINTER(name) decltype(&::name) name = nullptr;
  SLIPWAY_GIT_FUNCTIONS(SLIPWAY_GIT_POINTER)
#undef SLIPWAY_GIT_POINTER
};

// Opened once and kept until the program ends. Throws failed_precondition when the machine has no libgit2.
const Api& api();

// Throws for a negative status with libgit2's message behind `what` ("read commit 12ab"): not_found, already_exists,
// conflict, invalid_argument or internal_error, as the status says.
void check(int status, std::string_view what);

// An object of libgit2 that frees itself: Owned<git_tree> tree(raw, api().git_tree_free).
template <typename Object>
using Owned = std::unique_ptr<Object, void (*)(Object*)>;

// Throws invalid_argument for anything but 40 hexadecimal digits.
git_oid id_of(std::string_view text);
std::string text_of(const git_oid& id);

}  // namespace slipway::git
