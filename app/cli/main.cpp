// vernier-cli: the engine without a window.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <thread>

#include "app/cli/command.h"
#include "vernier/error.h"

namespace {

// One line, whatever the message holds.
void print_error(std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  std::fprintf(stderr, "error: %s\n", message.c_str());
}

// Waits for signals on a thread of its own, so that no work happens inside a signal handler.
void watch_signals(std::stop_source interrupt) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, interrupt]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    interrupt.request_stop();
    sigwait(&signals, &signal);
    std::_Exit(vernier::cli::kInterrupted);
  }).detach();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace vernier::cli;
  std::signal(SIGPIPE, SIG_IGN);
  Program program;
  watch_signals(program.interrupt);
  program.app.description("Vernier: fine-tune language models and see what the training does.");
  program.app.name("vernier-cli");
  program.app.set_version_flag("--version", VERNIER_VERSION);
  program.app.require_subcommand(1);
  program.app.failure_message(CLI::FailureMessage::simple);
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.app.exit(error) == 0 ? kDone : kUsage;
  }
  try {
    return program.action();
  } catch (const vernier::Error& error) {
    print_error(error.what());
    return error.code() == vernier::ErrorCode::kCancelled ? kInterrupted : kFailed;
  } catch (const std::bad_alloc&) {
    print_error(
        "[memory] allocation: got none, expected more free memory. Close other programs or use a smaller batch.");
  } catch (const std::exception& error) {
    print_error(std::string("[internal] ") + error.what());
  }
  return kFailed;
}
