// vernier-cli runs: what a run's store holds.
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "vernier/alarms.h"
#include "vernier/error.h"
#include "vernier/film.h"
#include "vernier/run_store.h"

namespace vernier::cli {
namespace {

using nlohmann::json;

struct RunsArguments {
  std::string run_dir;
  std::string steps;
  std::int64_t worst = 0;
  std::int64_t tokens = 0;
  std::string film;
  bool signals = false;
  bool alarms = false;
  bool as_json = false;
  bool as_csv = false;
};

// A CSV field: text is quoted where it must be (RFC 4180), null is empty.
std::string csv_field(const json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return value.dump();
  const std::string text = value.get<std::string>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// Objects as lines of JSON, CSV or a table for reading; all have the same columns.
class RecordPrinter {
 public:
  RecordPrinter(const RunsArguments& arguments, std::vector<std::string> columns)
      : json_(arguments.as_json), csv_(arguments.as_csv), columns_(std::move(columns)) {
    if (json_) return;
    std::string line;
    for (const std::string& column : columns_)
      line += csv_ ? (line.empty() ? "" : ",") + column : padded(column, column);
    print(line + "\n");
  }

  void add(const json& record) const {
    if (json_) {
      print_json(record);
      return;
    }
    std::string line;
    bool first = true;
    for (const std::string& column : columns_) {
      const auto found = record.find(column);
      const json value = found == record.end() ? json() : *found;
      if (csv_) {
        line += (first ? "" : ",") + csv_field(value);
      } else {
        line += padded(cell(value), column);
      }
      first = false;
    }
    print(line + "\n");
  }

 private:
  static std::string cell(const json& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_number_float()) return value.dump();
    if (std::isnan(value.get<double>())) return "nan";  // which has no sign worth printing
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value.get<double>());
    return text.data();
  }
  static std::string padded(const std::string& text, const std::string& column) {
    const std::size_t width = std::max<std::size_t>(column.size(), 9) + 2;
    return text.size() >= width ? " " + text : std::string(width - text.size(), ' ') + text;
  }

  bool json_;
  bool csv_;
  std::vector<std::string> columns_;
};

// NaN has no place in a JSON number; dump() would write null for it anyway, but CSV and tables should agree.
json number(double value) {
  return std::isfinite(value) ? json(value) : json();
}

json sequence_object(const SequenceRecord& record) {
  return {{"step", record.step},
          {"index", record.loss.index},
          {"row", record.loss.row},
          {"num_tokens", record.loss.num_tokens},
          {"num_targets", record.loss.num_targets},
          {"loss", number(record.loss.loss)}};
}

void print_steps(const RunReader& reader, const RunsArguments& arguments, const StepSpan& span) {
  const std::vector<StepEvent> steps = reader.steps(span.first, span.last);
  std::vector<EvalEvent> evals;
  for (const EvalEvent& eval : reader.evals()) {
    if (eval.step >= span.first && (span.last < 0 || eval.step <= span.last)) evals.push_back(eval);
  }
  std::vector<std::string> columns = {"step",
                                      "epoch",
                                      "loss",
                                      "loss_per_token",
                                      "loss_per_sequence",
                                      "grad_norm",
                                      "learning_rate",
                                      "mean_token_accuracy",
                                      "entropy"};
  if (arguments.as_csv) {
    for (const char* more : {"num_tokens", "num_items_in_batch", "tokens_per_second", "step_ms", "peak_memory_bytes",
                             "capture_ms", "capture_bytes", "skipped"}) {
      columns.emplace_back(more);
    }
  }
  for (const char* more : {"eval_loss_per_token", "eval_loss_per_sequence"}) columns.emplace_back(more);
  const RecordPrinter printer(arguments, columns);
  // In the order they happened: a step's evaluation comes after it.
  std::size_t next_eval = 0;
  const auto add_evals_before = [&](std::int64_t step) {
    for (; next_eval < evals.size() && evals[next_eval].step < step; ++next_eval)
      printer.add(evals[next_eval].to_json());
  };
  for (const StepEvent& step : steps) {
    add_evals_before(step.step);
    printer.add(step.to_json());
  }
  add_evals_before(std::numeric_limits<std::int64_t>::max());
}

void print_worst(const RunReader& reader, const RunsArguments& arguments, const StepSpan& span) {
  const RecordPrinter printer(arguments, {"step", "index", "row", "num_tokens", "num_targets", "loss"});
  for (const SequenceRecord& record : reader.worst_between(arguments.worst, span.first, span.last)) {
    printer.add(sequence_object(record));
  }
}

void print_tokens(const RunReader& reader, const RunsArguments& arguments) {
  if (reader.steps(arguments.tokens, arguments.tokens).empty()) {
    const RunInfo info = reader.info();
    fail(ErrorCode::kNotFound, "--tokens",
         "step: got " + std::to_string(arguments.tokens) + ", expected one of the run's steps, " +
             std::to_string(info.first_step) + " to " + std::to_string(info.last_step) + ".");
  }
  const RecordPrinter printer(arguments, {"index", "row", "position", "input_id", "piece", "is_target", "loss",
                                          "entropy", "argmax", "argmax_piece", "rank"});
  for (const StepTokens& sequence : reader.tokens(arguments.tokens)) {
    for (const TokenRecord& token : sequence.tokens) {
      json record = {{"step", sequence.step},        {"index", sequence.sequence.index},
                     {"row", sequence.sequence.row}, {"position", token.position},
                     {"input_id", token.input_id},   {"piece", reader.piece(token.input_id)},
                     {"is_target", token.is_target}, {"loss", nullptr},
                     {"entropy", nullptr},           {"argmax", nullptr},
                     {"argmax_piece", nullptr},      {"rank", nullptr}};
      if (token.is_target) {
        record["loss"] = number(token.loss);
        record["entropy"] = number(token.entropy);
        record["argmax"] = token.argmax;
        record["argmax_piece"] = reader.piece(token.argmax);
        record["rank"] = token.rank;
      }
      printer.add(record);
    }
  }
}

int write_film(const RunsArguments& arguments, const std::stop_token& stop) {
  FilmOptions options;
  options.run_dir = arguments.run_dir;
  options.out = arguments.film;
  FilmResult made;
  {
    Progress progress;
    made = write_run_film(
        options, [&](double fraction) { progress.update("Writing the film", fraction); }, stop);
  }
  if (arguments.as_json) {
    print_json({{"path", made.path},
                {"bytes", made.bytes},
                {"steps", made.steps},
                {"captures", made.captures},
                {"lost_captures", made.lost_captures}});
  } else {
    print(made.path + ", " + bytes_text(static_cast<double>(made.bytes)) + "\n");
  }
  if (made.lost_captures > 0) {
    print_note("warning: captures left out, as their files are missing or damaged: " +
               std::to_string(made.lost_captures));
  }
  return kDone;
}

// "layers.3.self_attn.q_proj", "embed_tokens".
std::string name_of(const GradientGroup& group) {
  return group.layer < 0 ? group.module : "layers." + std::to_string(group.layer) + "." + group.module;
}

void print_signals(const RunReader& reader, const RunsArguments& arguments, const StepSpan& span) {
  const std::vector<GradientGroup> groups = reader.gradient_groups();
  if (groups.empty()) {
    fail(ErrorCode::kNotFound, "--signals",
         "got a run that recorded none, expected one of a version that keeps gradient norms and logit statistics.");
  }
  std::vector<std::string> columns = {"step",      "logit_mean", "logit_spread",     "logit_min",
                                      "logit_max", "non_finite", "top_argmax_share", "top_target_share"};
  if (arguments.as_csv) {
    for (const GradientGroup& group : groups) columns.push_back(name_of(group));
  }
  const RecordPrinter printer(arguments, columns);
  reader.for_each_signal(span.first, span.last, [&](const StepSignals& one) {
    json record = {{"step", one.step},
                   {"logit_mean", number(one.logits.mean)},
                   {"logit_spread", number(one.logits.spread)},
                   {"logit_min", number(one.logits.min)},
                   {"logit_max", number(one.logits.max)},
                   {"non_finite", one.logits.non_finite},
                   {"top_argmax_share", number(one.logits.top_argmax_share)},
                   {"top_target_share", number(one.logits.top_target_share)},
                   {"top_argmax", one.logits.top_argmax}};
    json norms = json::object();
    for (std::size_t g = 0; g < std::min(groups.size(), one.gradient_norms.size()); ++g) {
      const json norm = number(static_cast<double>(one.gradient_norms[g]));
      (arguments.as_csv ? record : norms)[name_of(groups[g])] = norm;
    }
    if (!arguments.as_csv) record["gradient_norms"] = std::move(norms);
    printer.add(record);
    return true;
  });
}

void print_alarms(const RunReader& reader, const RunsArguments& arguments) {
  const std::vector<Alarm> alarms = find_alarms(reader.series(), reader.evals(), reader.step_signals());
  if (alarms.empty() && !arguments.as_json && !arguments.as_csv) {
    print("No alarm: nothing in the run's curves asks for a look.\n");
    return;
  }
  const RecordPrinter printer(arguments, {"alarm", "first_step", "step", "value", "yardstick", "evidence"});
  for (const Alarm& alarm : alarms) {
    printer.add({{"alarm", to_string(alarm.kind)},
                 {"first_step", alarm.first_step},
                 {"step", alarm.step},
                 {"value", number(alarm.value)},
                 {"yardstick", number(alarm.yardstick)},
                 {"evidence", to_sentence(alarm)}});
  }
}

int show_run(const CLI::App& command, const RunsArguments& arguments, const StepSpan& span) {
  const RunReader reader(arguments.run_dir);
  if (command.count("--worst") != 0) {
    print_worst(reader, arguments, span);
  } else if (command.count("--tokens") != 0) {
    print_tokens(reader, arguments);
  } else if (arguments.signals) {
    print_signals(reader, arguments, span);
  } else if (arguments.alarms) {
    print_alarms(reader, arguments);
  } else {
    if (!arguments.as_json && !arguments.as_csv) {
      const RunInfo info = reader.info();
      print("run    " + info.run_dir + "\nmodel  " + info.model_path + " on " + info.device + "\nstate  " + info.state +
            ", step " + std::to_string(info.last_step) + " of " + std::to_string(info.total_steps) +
            ", saved at step " + std::to_string(info.last_saved_step) + "\n" +
            (info.message.empty() ? "" : "       " + info.message + "\n"));
    }
    print_steps(reader, arguments, span);
  }
  return kDone;
}

}  // namespace

void register_runs(Program& program) {
  auto arguments = std::make_shared<RunsArguments>();
  CLI::App* command = program.app.add_subcommand("runs", "Read a run's store, also while it runs or after a crash");
  add_path(*command, "run_dir", arguments->run_dir, "Run folder")->required();
  command->add_option("--steps", arguments->steps, "Only steps first:last, both included, as in 10:20, 10: or :20");
  auto* worst = command->add_option("--worst", arguments->worst, "The N sequences with the highest loss of those steps")
                    ->check(count_from(1));
  auto* tokens = command->add_option("--tokens", arguments->tokens, "The tokens of one step with their losses")
                     ->check(count_from(0));
  tokens->excludes(worst)->excludes("--steps");
  auto* signals =
      command
          ->add_flag("--signals", arguments->signals, "Each step's logit statistics and gradient norms, layer by layer")
          ->excludes(worst)
          ->excludes(tokens);
  command->add_flag("--alarms", arguments->alarms, "What in the run's curves asks for a look, with its evidence")
      ->excludes(worst)
      ->excludes(tokens)
      ->excludes(signals)
      ->excludes("--steps");
  auto* as_json = command->add_flag("--json", arguments->as_json,
                                    "One object a line; steps and evaluations as train --json printed them");
  auto* as_csv = command->add_flag("--csv", arguments->as_csv, "Comma-separated values with a header line");
  as_csv->excludes(as_json);
  add_path(*command, "--film", arguments->film, "Write the run as one HTML file that opens in any browser")
      ->excludes(worst)
      ->excludes(tokens)
      ->excludes(signals)
      ->excludes("--alarms")
      ->excludes(as_csv)
      ->excludes("--steps");
  command->callback([&program, command, arguments] {
    const StepSpan span = command->count("--steps") != 0 ? parse_span(arguments->steps, "--steps") : StepSpan{};
    if (!arguments->film.empty()) {
      program.action = [&program, arguments] { return write_film(*arguments, program.interrupt.get_token()); };
      return;
    }
    program.action = [command, arguments, span] { return show_run(*command, *arguments, span); };
  });
}

}  // namespace vernier::cli
