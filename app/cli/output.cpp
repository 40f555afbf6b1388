#include "app/cli/output.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "vernier/error.h"

namespace vernier::cli {
namespace {

[[noreturn]] void fail_output() {
  if (errno == EPIPE) throw ReaderGone(ErrorCode::kIo, "[stdout] write: got no reader, expected one.");
  fail(ErrorCode::kIo, "stdout",
       "write: got \"" + std::generic_category().message(errno) + "\", expected all output to be taken.");
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) fail_output();
}

void print_json(const nlohmann::json& value) {
  print(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void check_output() {
  if (std::fflush(stdout) != 0) fail_output();
}

void print_note(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte == '\n' || byte == '\r' || byte == '\t') {
      shown += ' ';
    } else if (byte < 0x20 || byte == 0x7f || c1) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", c1 ? static_cast<unsigned char>(text[++i]) : byte);
      shown += escape.data();
    } else {
      shown += text[i];
    }
  }
  std::fprintf(stderr, "%s\n", shown.c_str());
}

std::string fixed(double value, int digits) {
  std::array<char, 400> text{};
  // A NaN has no sign worth printing.
  std::snprintf(text.data(), text.size(), "%.*f", digits, std::isnan(value) ? std::abs(value) : value);
  return text.data();
}

std::string bytes_text(double bytes) {
  const char* const units[] = {"bytes", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000.0 && unit + 1 < std::size(units)) {
    bytes /= 1000.0;
    ++unit;
  }
  return fixed(bytes, unit == 0 ? 0 : 1) + " " + units[unit];
}

}  // namespace vernier::cli
