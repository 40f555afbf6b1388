// Flags and files that several subcommands take.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vernier/run_config.h"

namespace vernier::cli {

// A range of steps or rows, both ends included; last -1: to the end.
struct StepSpan {
  std::int64_t first = 0;
  std::int64_t last = -1;
};
// "3:7", "3:", ":7", "5", as `flag` got it. Throws CLI::ValidationError: wrong usage.
StepSpan parse_span(const std::string& text, const std::string& flag);
// "N": the last N; "i,j,k" (or "i,"): those positions. Throws CLI::ValidationError.
LogitsToKeep parse_logits_to_keep(const std::string& text);

// Checks that a value is a number from `lowest` on.
CLI::Validator at_least(double lowest);
// Checks that a value is a whole number from `lowest` on that 64 bits hold.
CLI::Validator count_from(std::int64_t lowest);

// An option that names a file or folder: an empty value, such as a script's unset variable, is wrong usage.
CLI::Option* add_path(CLI::App& command, const std::string& name, std::string& path, const std::string& description);
void add_device(CLI::App& command, std::string& device);
void add_dtype(CLI::App& command, std::string& dtype);
void add_quantization(CLI::App& command, std::string& quantization);
void add_model(CLI::App& command, std::string& model);
void add_adapter(CLI::App& command, std::string& adapter);

// where: the flag or file that `text` came from. Errors: kInvalidInput.
nlohmann::json parse_json(std::string_view text, const std::string& where);
// The same with the order of keys as written.
nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& where);
// A JSON list of whole numbers of 32 bits. Errors: kInvalidInput.
std::vector<std::int32_t> parse_ids(std::string_view text, const std::string& where);

}  // namespace vernier::cli
