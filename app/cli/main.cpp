// vernier-cli: the engine without a window.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <span>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/standard_streams.h"
#include "vernier/error.h"
#include "vernier/system_error.h"

namespace {

void print_error(const std::string& message) {
  vernier::cli::print_note("error: " + message);
}

// Whoever presses twice, or sends SIGINT and then SIGTERM as a service manager does, asks once.
constexpr auto kRepeats = std::chrono::seconds(1);

// Waits for signals on a thread of its own, so that no work happens inside a signal handler.
void watch_signals(std::stop_source interrupt) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // nohup has it ignored, and a blocked signal would arrive all the same.
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) != 0 || hangup.sa_handler != SIG_IGN) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, interrupt]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    interrupt.request_stop();
    const auto asked = std::chrono::steady_clock::now();
    do {
      sigwait(&signals, &signal);
    } while (std::chrono::steady_clock::now() - asked < kRepeats);
    print_error("[signal] interrupted again: ended at once, what was under way is not saved.");
    // Not the status of an interrupted program that saved.
    std::_Exit(vernier::cli::kFailed);
  }).detach();
}

// Help goes to stdout; wrong usage becomes one line on stderr that says where the help is.
int end_parsing(const vernier::cli::Program& program, const CLI::ParseError& error, std::span<char* const> given) {
  using namespace vernier::cli;
  std::ostringstream help;
  std::ostringstream ignored;
  const bool no_such_command = given.size() > 1 && given[1][0] != '-' && program.app.get_subcommands().empty();
  if (program.app.exit(error, help, ignored) == 0 && !no_such_command) {
    print(help.str().ends_with('\n') ? help.str() : help.str() + "\n");
    return kDone;
  }
  std::string command = program.app.get_name();
  std::string what = error.what();
  for (const CLI::App* parsed : program.app.get_subcommands()) {
    command += " " + parsed->get_name();
    // A required option that is missing may be there misspelt: the cause is told, not its effect.
    const std::vector<std::string> unknown = parsed->remaining();
    const auto option = std::ranges::find_if(unknown, [](const std::string& text) { return text.starts_with("--"); });
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && option != unknown.end()) {
      what = "The following argument was not expected: " + *option;
    }
  }
  if (no_such_command) what = "there is no command " + std::string(given[1]);
  while (what.ends_with('.')) what.pop_back();
  print_error("[usage] " + what + ". See " + command + " --help.");
  return kUsage;
}

int run(vernier::cli::Program& program, int argc, char** argv) {
  using namespace vernier::cli;
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return end_parsing(program, error, std::span(argv, static_cast<std::size_t>(argc)));
  }
  const int status = program.action();
  check_output();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace vernier::cli;
  vernier::prepare_process();
  Program program;
  watch_signals(program.interrupt);
  program.app.description("Vernier: fine-tune language models and see what the training does.");
  program.app.name("vernier-cli");
  program.app.set_version_flag("--version", VERNIER_VERSION);
  program.app.require_subcommand(1);
  program.app.footer(
      "Data goes to stdout, progress and messages to stderr. Exit status: 0 done, 1 the input or the run\n"
      "failed (one line on stderr), 2 wrong usage, 130 interrupted with everything saved.");
  register_demo(program);
  register_train(program);
  register_runs(program);
  register_generate(program);
  register_export(program);
  register_forward(program);
  register_parity(program);
  register_tokenize(program);
  register_template(program);
  register_check(program);
  register_data(program);
  register_bench(program);
  try {
    return run(program, argc, argv);
  } catch (const ReaderGone&) {
    return kReaderGone;  // as head leaves those it reads from: nothing to complain of
  } catch (const vernier::Error& error) {
    if (error.code() == vernier::ErrorCode::kCancelled && program.interrupt.stop_requested()) return kInterrupted;
    print_error(error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    print_error(vernier::error_from(error).what());
  } catch (const std::system_error& error) {  // std::thread's
    print_error("[thread] start: got \"" + error.code().message() +
                "\", expected one more thread. Close other programs, or raise the limits (ulimit -u, ulimit -v).");
  } catch (const std::bad_alloc&) {
    print_error(
        "[memory] allocation: got none, expected more free memory. Close other programs or use a smaller batch.");
  } catch (const std::exception& error) {
    print_error(std::string("[internal] ") + error.what());
  }
  return kFailed;
}
