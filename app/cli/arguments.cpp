#include "app/cli/arguments.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>

#include "vernier/error.h"

namespace vernier::cli {
namespace {

using nlohmann::json;

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

template <typename Json>
Json parse_as(std::string_view text, const std::string& where) {
  try {
    return Json::parse(text);
  } catch (const typename Json::exception&) {
    fail(ErrorCode::kInvalidInput, where, "got text that is not JSON, expected valid JSON.");
  }
}

}  // namespace

StepSpan parse_span(const std::string& text, const std::string& flag) {
  const std::size_t colon = text.find(':');
  const std::string_view first = std::string_view(text).substr(0, colon);
  const std::string_view last = colon == std::string::npos ? first : std::string_view(text).substr(colon + 1);
  StepSpan span;
  const auto begin = first.empty() && colon != std::string::npos ? std::optional<std::int64_t>(0) : parse_count(first);
  const auto end = last.empty() && colon != std::string::npos ? std::optional<std::int64_t>(-1) : parse_count(last);
  if (!begin || !end || (*end >= 0 && *end < *begin)) {
    throw CLI::ValidationError(flag, "got " + text + ", expected first:last, as in 10:20, 10: or :20");
  }
  span.first = *begin;
  span.last = *end;
  return span;
}

LogitsToKeep parse_logits_to_keep(const std::string& text) {
  const auto usage = [&] {
    return CLI::ValidationError("--logits-to-keep",
                                "got " + text + ", expected a number from 1 or positions, as in 0,4,7 (one: 4,)");
  };
  LogitsToKeep keep;
  if (text.find(',') == std::string::npos) {
    const auto last = parse_count(text);
    if (!last || *last < 1) throw usage();
    keep.last = *last;
    return keep;
  }
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const auto position = parse_count(std::string_view(text).substr(begin, comma - begin));
    if (!position) throw usage();
    keep.positions.push_back(*position);
    begin = comma + 1;
  }
  if (keep.positions.empty()) throw usage();
  return keep;
}

CLI::Validator at_least(double lowest) {
  std::ostringstream shown;
  shown << lowest;
  return CLI::Validator(
      [lowest, shown = shown.str()](const std::string& text) {
        double value = 0.0;
        if (CLI::detail::lexical_cast(text, value) && std::isfinite(value) && value >= lowest) return std::string();
        return "got " + text + ", expected a number from " + shown + " on";
      },
      "");
}

CLI::Validator count_from(std::int64_t lowest) {
  return CLI::Validator(
      [lowest](const std::string& text) {
        if (const auto value = parse_count(text); value && *value >= lowest) return std::string();
        return "got " + text + ", expected a whole number from " + std::to_string(lowest) + " to " +
               std::to_string(std::numeric_limits<std::int64_t>::max());
      },
      "");
}

CLI::Option* add_path(CLI::App& command, const std::string& name, std::string& path, const std::string& description) {
  const auto not_empty = [](const std::string& text) {
    return text.empty() ? std::string("got an empty value, expected a path") : std::string();
  };
  return command.add_option(name, path, description)->check(CLI::Validator(not_empty, ""));
}

void add_device(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "auto, cpu, cuda or cuda:N (auto: CUDA where there is a usable device)")
      ->capture_default_str();
}

void add_dtype(CLI::App& command, std::string& dtype) {
  command.add_option("--dtype", dtype, "What to compute in (auto: bfloat16 on a device that has it, else float32)")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
}

void add_quantization(CLI::App& command, std::string& quantization) {
  command.add_option("--quantization", quantization, "How the weights that are not trained are kept (nf4: in 4 bits)")
      ->check(CLI::IsMember({"none", "nf4"}))
      ->capture_default_str();
}

void add_model(CLI::App& command, std::string& model) {
  add_path(command, "--model", model, "Hugging Face checkpoint folder")->required();
}

void add_adapter(CLI::App& command, std::string& adapter) {
  add_path(command, "--adapter", adapter,
           "PEFT LoRA adapter folder to put on the model, or a run folder, whose adapter is meant");
}

json parse_json(std::string_view text, const std::string& where) {
  return parse_as<json>(text, where);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& where) {
  return parse_as<nlohmann::ordered_json>(text, where);
}

std::vector<std::int32_t> parse_ids(std::string_view text, const std::string& where) {
  const json list = parse_json(text, where);
  if (!list.is_array()) {
    fail(ErrorCode::kInvalidInput, where, "got a JSON value that is no list, expected a list of token ids.");
  }
  std::vector<std::int32_t> ids;
  ids.reserve(list.size());
  for (const json& entry : list) {
    // Unsigned values beyond int64 would wrap around.
    const bool fits = entry.is_number_integer() &&
                      (!entry.is_number_unsigned() ||
                       entry.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int32_t>::max()}) &&
                      entry.get<std::int64_t>() >= std::numeric_limits<std::int32_t>::min();
    if (!fits) {
      fail(ErrorCode::kInvalidInput, where,
           "entry " + std::to_string(ids.size()) + ": got " + entry.dump().substr(0, 40) + ", expected a token id.");
    }
    ids.push_back(entry.get<std::int32_t>());
  }
  return ids;
}

}  // namespace vernier::cli
