// The one exception type of the engine.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace vernier {

enum class ErrorCode {
  kInvalidInput,  // the user's input is wrong: a file, a value, a shape
  kNotFound,      // a file or folder that should be there is not
  kIo,            // the operating system refused to read or write
  kNoSpace,       // the disk is full
  kOutOfMemory,   // needed_bytes and free_bytes are set
  kUnsupported,   // well-formed, but not something Vernier does
  kNonFinite,     // a loss or gradient became NaN or infinite
  kCancelled,     // the stop token was triggered where no result can be given
  kFatal,         // the device is lost; the process must not use it again
  kInternal,      // our bug
};

// A short lower-case name such as "invalid_input", for JSON and logs.
std::string_view to_string(ErrorCode code);

// Thrown by the engine, on the calling thread. `what()` is one sentence for the user:
// `[where] what: got X, expected Y (which object). Hint.`
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

  // Bytes, set with kOutOfMemory and kNoSpace; 0 where unknown.
  std::uint64_t needed_bytes = 0;
  std::uint64_t free_bytes = 0;

 private:
  ErrorCode code_;
};

// Throws Error{code, "[where] what"}.
[[noreturn]] void fail(ErrorCode code, std::string_view where, std::string_view what);

}  // namespace vernier
