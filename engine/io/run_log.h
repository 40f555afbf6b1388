// log.txt of a run folder: what happened, a line each, with the time.
#pragma once

#include <filesystem>
#include <string_view>

#include "vernier/events.h"

namespace vernier {

// Appends; each line is one write(2), so a killed process leaves no half line behind another's. Never throws for a line
// that cannot be written: the same events are in the store.
class RunLog {
 public:
  explicit RunLog(const std::filesystem::path& path);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  // "2026-01-31T12:00:00.123Z text"; line breaks in the text become spaces.
  void write(std::string_view text);
  void write_step(const StepEvent& event);
  void write_eval(const EvalEvent& event);

 private:
  int fd_ = -1;
};

}  // namespace vernier
