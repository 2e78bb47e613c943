// The one exception type of Slipway and its protocol-neutral codes. Used everywhere.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "foundation/base/text.h"

namespace slipway {

enum class ErrorCode {
  kInvalidArgument,     // the caller's input is wrong
  kUnauthenticated,     // who are you?
  kPermissionDenied,    // you may not
  kNotFound,            // no such thing
  kAlreadyExists,       // the name is taken
  kFailedPrecondition,  // the thing is not in a state that allows this
  kConflict,            // somebody else changed it meanwhile
  kTooLarge,            // over a limit of size
  kResourceExhausted,   // over a limit of rate, queue or memory
  kOutOfSpace,          // the disk or a quota is full
  kUnimplemented,
  kUnavailable,  // try again later
  kDeadlineExceeded,
  kDataLoss,  // stored bytes are damaged
  kInternal,
};

// The code as a lower-case word ("not_found"), for logs and for our own wire.
std::string_view name_of(ErrorCode code);

// Thrown for whatever ends a request or a command. Messages are lower case, name the thing and its id, no full stop.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// Throw sites in one line: throw invalid_argument("max_results must be at most ", kMax, ", got ", n).
template <typename... Parts>
Error invalid_argument(const Parts&... parts) {
  return {ErrorCode::kInvalidArgument, text::concat(parts...)};
}
template <typename... Parts>
Error not_found(const Parts&... parts) {
  return {ErrorCode::kNotFound, text::concat(parts...)};
}
template <typename... Parts>
Error already_exists(const Parts&... parts) {
  return {ErrorCode::kAlreadyExists, text::concat(parts...)};
}
template <typename... Parts>
Error failed_precondition(const Parts&... parts) {
  return {ErrorCode::kFailedPrecondition, text::concat(parts...)};
}
template <typename... Parts>
Error conflict(const Parts&... parts) {
  return {ErrorCode::kConflict, text::concat(parts...)};
}
template <typename... Parts>
Error permission_denied(const Parts&... parts) {
  return {ErrorCode::kPermissionDenied, text::concat(parts...)};
}
template <typename... Parts>
Error too_large(const Parts&... parts) {
  return {ErrorCode::kTooLarge, text::concat(parts...)};
}
template <typename... Parts>
Error unavailable(const Parts&... parts) {
  return {ErrorCode::kUnavailable, text::concat(parts...)};
}
template <typename... Parts>
Error data_loss(const Parts&... parts) {
  return {ErrorCode::kDataLoss, text::concat(parts...)};
}
template <typename... Parts>
Error internal_error(const Parts&... parts) {
  return {ErrorCode::kInternal, text::concat(parts...)};
}

// An Error for the current errno of a failed system call on `what` ("open /data/x: permission denied"), with the code
// that fits: ENOENT kNotFound, EACCES/EPERM/EROFS kPermissionDenied, EEXIST kAlreadyExists, ENOSPC/EDQUOT/
// EFBIG kOutOfSpace ("no space left on device; free some space and try again"), anything else kInternal.
Error system_error(std::string_view what);

}  // namespace slipway
