// Progress on stderr: a bar that is drawn over where stderr is a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <string>

namespace vernier::cli {

class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  bool terminal() const { return terminal_; }
  // what: "Loading weights", "Training". fraction 0 to 1. rest: what else there is to say.
  void update(const std::string& what, double fraction, const std::string& rest = "");
  // Takes the bar away, before anything else is written to the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void draw(const std::string& what, double fraction, const std::string& rest);

  bool terminal_;
  bool drawn_ = false;
  std::string last_what_;
  double last_fraction_ = 0.0;
  Clock::time_point last_time_ = Clock::now();
};

// "0:07", "12:34", "3:05:00".
std::string duration_text(double seconds);

}  // namespace vernier::cli
