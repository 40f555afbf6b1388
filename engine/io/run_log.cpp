#include "engine/io/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <string>

namespace vernier {

RunLog::RunLog(const std::filesystem::path& path)
    : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644)) {}

RunLog::~RunLog() {
  if (fd_ >= 0) ::close(fd_);
}

void RunLog::write(std::string_view text) {
  if (fd_ < 0) return;
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  char time[64];
  const std::size_t length = std::strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &utc);
  std::string line(time, length);
  std::snprintf(time, sizeof(time), ".%03dZ ", static_cast<int>(now.tv_nsec / 1'000'000));
  line += time;
  for (const char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
  line += '\n';
  if (::write(fd_, line.data(), line.size()) < 0) return;
}

void RunLog::write_step(const StepEvent& event) {
  char line[320];
  std::snprintf(
      line, sizeof(line),
      "step %" PRId64 "/%" PRId64
      " loss_per_token %.6g loss_per_sequence %.6g grad_norm %.4g learning_rate %.4g tokens_per_second %.0f%s",
      event.step, event.total_steps, event.loss_per_token, event.loss_per_sequence, event.grad_norm,
      event.learning_rate, event.tokens_per_second, event.skipped ? " skipped" : "");
  write(line);
}

void RunLog::write_eval(const EvalEvent& event) {
  char line[200];
  std::snprintf(line, sizeof(line),
                "evaluation at step %" PRId64 " eval_loss_per_token %.6g eval_loss_per_sequence %.6g", event.step,
                event.eval_loss_per_token, event.eval_loss_per_sequence);
  write(line);
}

}  // namespace vernier
