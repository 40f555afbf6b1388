// vernier-cli data: what training would read from a data file.
#include "vernier/data.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "vernier/data_sample.h"
#include "vernier/error.h"

namespace vernier::cli {
namespace {

using nlohmann::json;

struct DataArguments {
  std::string model;
  DataOptions data;
  std::string eval_path;
  std::string columns;
  std::string rows;
  bool as_json = false;
};

// Throws CLI::ValidationError: wrong usage.
std::map<std::string, std::string> parse_columns(const std::string& text) {
  const auto usage = [](const std::string& what) { return CLI::ValidationError("--columns", what); };
  std::set<std::string> names;
  std::string twice;
  const auto watch = [&](int depth, json::parse_event_t event, const json& value) {
    if (event == json::parse_event_t::key && depth == 1 && !names.insert(value.get<std::string>()).second) {
      twice = value.get<std::string>();
    }
    return true;
  };
  const json object = json::parse(text, watch, false);
  if (object.is_discarded()) throw usage("got text that is not JSON, expected valid JSON");
  if (!object.is_object()) {
    throw usage("got a JSON " + std::string(object.type_name()) +
                R"(, expected an object, as in {"prompt": "question"})");
  }
  if (!twice.empty()) throw usage(twice + ": got it twice, expected one key of the file");
  std::map<std::string, std::string> columns;
  for (const auto& [name, key] : object.items()) {
    if (!key.is_string()) {
      throw usage(name + ": got a JSON " + std::string(key.type_name()) + ", expected the name of a key of the file");
    }
    columns[name] = key.get<std::string>();
  }
  return columns;
}

std::vector<std::string> known_formats() {
  std::vector<std::string> formats = data_formats();
  formats.insert(formats.begin(), "auto");
  return formats;
}

// The engine speaks of a run file; here the same is a flag.
std::string with_flags(std::string message) {
  constexpr std::string_view kField = "dataset.columns", kFlag = "--columns";
  for (std::size_t at = 0; (at = message.find(kField, at)) != std::string::npos; at += kFlag.size()) {
    message.replace(at, kField.size(), kFlag);
  }
  return message;
}

std::string line(const std::string& name, const std::string& value) {
  return name + std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') + value + "\n";
}

void print_audit(const DatasetAudit& audit) {
  const auto count = [](const char* name, std::int64_t value) { print(line(name, std::to_string(value))); };
  count("rows", audit.rows);
  count("tokens", audit.tokens);
  count("labelled tokens", audit.labelled_tokens);
  count("truncated", audit.truncated);
  count("without labels", audit.lost_rows());
  for (int i = 0; i < kNumLostReasons; ++i) {
    const std::int64_t rows = audit.lost[static_cast<std::size_t>(i)];
    if (rows > 0) print(line("  " + std::string(to_string(static_cast<LostReason>(i))), std::to_string(rows)));
  }
  count("empty", audit.empty);
  count("duplicates", audit.duplicates);
  print("rows by tokens\n");
  bool begun = false;
  for (std::size_t bin = 0; bin < audit.length_histogram.size(); ++bin) {
    begun = begun || audit.length_histogram[bin] > 0;
    if (!begun) continue;
    const std::int64_t from = std::int64_t{1} << bin;
    print(line("  " + std::to_string(from) + " to " + std::to_string(2 * from - 1),
               std::to_string(audit.length_histogram[bin])));
  }
}

// One line a stretch.
void print_row(const DataRow& row) {
  print("\nrow " + std::to_string(row.row) + ": " + std::to_string(row.input_ids.size()) + " tokens" +
        (row.cut_tokens > 0 ? ", " + std::to_string(row.cut_tokens) + " more are cut" : "") +
        (row.lost ? ", left out: " + std::string(to_string(*row.lost)) : "") + "\n");
  for (const LabelSpan& span : row.spans) {
    std::string text = std::string(is_labelled(span.reason) ? "+ " : "- ") + std::string(to_string(span.reason));
    text.resize(20, ' ');
    for (std::int32_t i = span.begin; i < span.end; ++i) text += row.pieces[static_cast<std::size_t>(i)] + " ";
    text.back() = '\n';
    print(text);
  }
}

DataReport read_report(const DataArguments& arguments, const std::stop_token& stop) {
  Progress progress;
  const auto show = [&](double fraction) { progress.update("Reading data", fraction); };
  try {
    DataReport report = inspect_data(arguments.model, arguments.data, show, stop);
    progress.clear();
    return report;
  } catch (const Error& error) {
    throw Error(error.code(), with_flags(error.what()));
  }
}

int audit_data(const DataArguments& arguments, const std::stop_token& stop) {
  const DataReport report = read_report(arguments, stop);
  if (arguments.as_json) {
    print_json(report.to_json());
    return kDone;
  }
  print(line("format", report.format) +
        line("chat template", report.chat_template.empty() ? "none" : report.chat_template));
  print_audit(report.audit);
  if (report.eval_audit) {
    print("\nto evaluate on\n" + line("format", report.eval_format));
    print_audit(*report.eval_audit);
    print(line("also trained on", std::to_string(report.eval_overlap)));
  }
  if (report.rows_shown) {
    for (const DataRow& row : *report.rows_shown) print_row(row);
  }
  if (!report.notes.empty()) print("\n");
  for (const std::string& note : report.notes) print(note + "\n");
  return kDone;
}

}  // namespace

void register_data(Program& program) {
  auto arguments = std::make_shared<DataArguments>();
  DataOptions& data = arguments->data;
  CLI::App* command = program.app.add_subcommand(
      "data", "Count what training would read from a data file, row by row, and show rows with their labels");
  add_model(*command, arguments->model);
  add_path(*command, "--data", data.dataset.path, "JSONL, JSON, CSV, TSV or text, also gzip or zstd")->required();
  command
      ->add_option("--format", data.dataset.format,
                   "auto, alpaca, sharegpt, messages, prompt_completion, question_answer, oasst, text or tokens")
      ->check(CLI::IsMember(known_formats()))
      ->capture_default_str();
  command->add_option("--columns", arguments->columns,
                      R"(Which keys of the file hold what, as JSON: {"prompt": "question"})");
  add_path(*command, "--eval-data", arguments->eval_path,
           "File to evaluate on, of the same format: its audit too, and which of its rows are trained on");
  command->add_option("--max-length", data.labels.max_length, "Tokens; longer rows are cut")
      ->check(count_from(1))
      ->capture_default_str();
  command->add_flag("--assistant-only-loss", data.labels.assistant_only_loss, "Learn from the assistant's turns only");
  command->add_flag("--completion-only-loss", data.labels.completion_only_loss, "Learn from the completion only");
  command->add_flag("--drop-duplicates", data.labels.drop_duplicates,
                    "Leave out rows that give exactly the tokens and labels of an earlier one");
  command->add_option("--chat-template", data.chat_template,
                      "Instead of the model's: alpaca, chatml, gemma, llama-2, llama-3, mistral, phi-3, vicuna, zephyr "
                      "or a Jinja file");
  command->add_option("--instruction-part", data.labels.instruction_part,
                      "With --response-part: the text in front of each of the user's turns");
  command->add_option("--response-part", data.labels.response_part,
                      "The text in front of each of the assistant's turns, where the chat template does not show them");
  command->add_option("--rows", arguments->rows,
                      "Show rows first:last, counted from 0, both included, as in 10:20, 10: or :20");
  command->add_flag("--json", arguments->as_json, "Print one JSON object");
  command->callback([&program, command, arguments] {
    DataOptions& options = arguments->data;
    if (command->count("--rows") != 0) {
      const StepSpan span = parse_span(arguments->rows, "--rows");
      options.first_row = span.first;
      options.last_row = span.last;
    }
    if (command->count("--columns") != 0) options.dataset.columns = parse_columns(arguments->columns);
    program.action = [&program, command, arguments] {
      DataOptions& given = arguments->data;
      if (command->count("--eval-data") != 0) {
        given.eval_dataset = given.dataset;
        given.eval_dataset->path = arguments->eval_path;
      }
      return audit_data(*arguments, program.interrupt.get_token());
    };
  });
}

}  // namespace vernier::cli
