// What the subcommands of vernier-cli share. Each has one file with one register_* function.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <stop_token>

namespace vernier::cli {

// Exit statuses of the contract.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kInterrupted = 130;
inline constexpr int kReaderGone = 141;  // as a shell tells of SIGPIPE

// The program and what runs after parsing. A register_* function adds its subcommand to `app` and sets `action` in the
// subcommand's callback; main() then calls it, prints an Error as one line `error: ...` on stderr and exits with 1.
struct Program {
  CLI::App app;
  std::function<int()> action;
  // Triggered by SIGINT, SIGTERM and SIGHUP; a signal more than a second later ends the process at once.
  std::stop_source interrupt;
};

void register_bench(Program& program);
void register_check(Program& program);
void register_data(Program& program);
void register_demo(Program& program);
void register_export(Program& program);
void register_forward(Program& program);
void register_generate(Program& program);
void register_parity(Program& program);
void register_runs(Program& program);
void register_template(Program& program);
void register_tokenize(Program& program);
void register_train(Program& program);

}  // namespace vernier::cli
