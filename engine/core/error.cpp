#include "vernier/error.h"

namespace vernier {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return "invalid_input";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kNoSpace:
      return "no_space";
    case ErrorCode::kOutOfMemory:
      return "out_of_memory";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kNonFinite:
      return "non_finite";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kFatal:
      return "fatal";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

void fail(ErrorCode code, std::string_view where, std::string_view what) {
  std::string message;
  message.reserve(where.size() + what.size() + 3);
  message.append("[").append(where).append("] ").append(what);
  throw Error(code, message);
}

}  // namespace vernier
