#include "vernier/error.h"

#include <algorithm>
#include <cstddef>

#include "vernier/system_error.h"

namespace vernier {
namespace {

constexpr std::size_t kLongestWord = 300;  // bytes: of a path, mostly
constexpr std::size_t kLongestMessage = std::size_t{1} << 14;

bool is_inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// Head and tail of what has no space in it and is too long to be read.
void append_shortened(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (word.size() <= kLongestWord) {
      out.append(word);
    } else {
      std::size_t head = kLongestWord / 2;
      std::size_t tail = word.size() - kLongestWord / 2;
      while (is_inside_character(word, head)) --head;
      while (is_inside_character(word, tail)) ++tail;
      out.append(word.substr(0, head)).append("\xE2\x80\xA6").append(word.substr(tail));
    }
    if (space < text.size()) out.push_back(' ');
    text.remove_prefix(std::min(space + 1, text.size()));
  }
}

// A file's own words can be many: of what is still too long, head and tail.
void cut_middle(std::string& text) {
  if (text.size() <= kLongestMessage) return;
  std::size_t head = kLongestMessage / 2;
  std::size_t tail = text.size() - kLongestMessage / 2;
  while (is_inside_character(text, head)) --head;
  while (is_inside_character(text, tail)) ++tail;
  text.replace(head, tail - head, "\xE2\x80\xA6");
}

}  // namespace

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
  message.append("[");
  append_shortened(message, where);
  message.append("] ");
  append_shortened(message, what);
  cut_middle(message);
  throw Error(code, message);
}

Error error_from(const std::filesystem::filesystem_error& error) {
  std::string message = "[";
  append_shortened(message, error.path1().empty() ? "files" : error.path1().string());
  return Error(ErrorCode::kIo, message + "] cannot be used: " + error.code().message() + ".");
}

}  // namespace vernier
