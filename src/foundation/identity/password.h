// Passwords are kept as Argon2id hashes. Used by Accounts.
#pragma once

#include <string>
#include <string_view>

namespace slipway::identity {

// With a salt of its own and its cost inside. Takes some 20 ms and 19 MiB; few run at a time, the others wait.
std::string hash_password(std::string_view password);
bool password_fits(const std::string& hash, std::string_view password);
// What password_fits costs, for a name that nobody has: the time must not tell which names there are.
void pretend_to_check(std::string_view password);

// Of printable characters, with 120 bits of chance in it.
std::string random_password();
// A fast keyed digest for comparing secrets in memory; the key lives as long as the process.
std::string keyed_digest(std::string_view secret);

// At least 12 and at most 1024 bytes; throws invalid_argument.
void check_password(std::string_view password);

}  // namespace slipway::identity
