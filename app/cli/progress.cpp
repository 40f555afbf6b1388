#include "app/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace vernier::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr auto kRedraw = std::chrono::milliseconds(100);
// Where stderr is a file: a line at most so often, and only when a twentieth more is done.
constexpr auto kLineEvery = std::chrono::seconds(3);
constexpr double kLineStep = 0.05;

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string percent(double fraction) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%3d %%", static_cast<int>(fraction * 100.0));
  return text.data();
}

}  // namespace

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) != 0) {}

void Progress::update(const std::string& what, double fraction, const std::string& rest) {
  fraction = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
  const auto now = Clock::now();
  const bool new_stage = what != last_what_;
  if (new_stage) {
    last_what_ = what;
    last_fraction_ = 0.0;
  }
  if (terminal_) {
    if (drawn_ && !new_stage && now - last_time_ < kRedraw && fraction < 1.0) return;
    draw(what, fraction, rest);
  } else {
    if (now - last_time_ < kLineEvery || fraction < last_fraction_ + kLineStep) return;
    std::fprintf(stderr, "%s %s%s%s\n", what.c_str(), percent(fraction).c_str(), rest.empty() ? "" : "  ",
                 rest.c_str());
  }
  last_fraction_ = fraction;
  last_time_ = now;
}

void Progress::draw(const std::string& what, double fraction, const std::string& rest) {
  const auto full = static_cast<std::size_t>(fraction * static_cast<double>(kBarWidth));
  std::string line = what + " [" + std::string(full, '#') + std::string(kBarWidth - full, '.') + "] " +
                     percent(fraction) + "  " + rest;
  // One line only: what is drawn over must not have wrapped.
  if (const std::size_t width = terminal_width(); line.size() >= width) line.resize(width - 1);
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

std::string duration_text(double seconds) {
  const auto total = std::isfinite(seconds) ? static_cast<long long>(std::max(0.0, std::round(seconds))) : 0LL;
  std::array<char, 48> text{};
  if (total >= 3600) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", total / 3600, total / 60 % 60, total % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld", total / 60, total % 60);
  }
  return text.data();
}

}  // namespace vernier::cli
