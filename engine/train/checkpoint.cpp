#include "engine/train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "engine/io/atomic_file.h"
#include "engine/io/checkpoint_writer.h"
#include "engine/io/hf_config.h"
#include "engine/io/json_fields.h"
#include "engine/io/named_as.h"
#include "engine/io/safetensors.h"
#include "engine/model/download.h"
#include "engine/train/checksum.h"
#include "vernier/error.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStateFile = "trainer_state.json";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kWeightsFile = "weights.safetensors";
constexpr std::string_view kFolderPrefix = "step-";
constexpr std::int64_t kMaxInteger = std::int64_t{1} << 53;

std::string checksum_of(const fs::path& file) {
  Checksum sum;
  if (file.extension() == ".safetensors") {
    // Through the mapping: the file may be larger than memory.
    const SafetensorsFile tensors(file);
    for (const TensorInfo& tensor : tensors.tensors()) {
      sum.add(std::as_bytes(std::span(tensor.name)));
      sum.add(tensor.bytes);
    }
  } else {
    const std::string text = read_text_file(file);
    sum.add(std::as_bytes(std::span(text)));
  }
  return sum.text();
}

std::span<const std::byte> bytes_of(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

// Writes one file, one tensor in memory at a time.
void write_tensors(const fs::path& path, const ParameterSet& set, const std::vector<std::string>& prefixes,
                   const std::function<std::vector<float>(std::size_t prefix, std::size_t index)>& values) {
  SafetensorsWriter writer(path, Durability::kRenamed);  // the folder's commit makes it durable
  std::map<std::string, std::pair<std::size_t, std::size_t>> sources;
  for (std::size_t p = 0; p < prefixes.size(); ++p) {
    for (std::size_t i = 0; i < set.parameters().size(); ++i) {
      const Parameter& parameter = set.parameters()[i];
      writer.add(prefixes[p] + parameter.name, DType::kF32, parameter.shape);
      sources[prefixes[p] + parameter.name] = {p, i};
    }
  }
  for (const std::string& name : writer.begin()) {
    const auto [p, i] = sources.at(name);
    writer.write(bytes_of(values(p, i)));
  }
  writer.finish();
}

std::vector<float> read_tensor(const SafetensorsFile& file, const std::string& name, const Parameter& parameter) {
  const TensorInfo& tensor = file.at(name, parameter.shape);
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  convert_to_f32(tensor, values.data());
  return values;
}

// A trained float32 value may be too large for the model's own element type: it would be saved as infinity.
void require_representable(const std::string& name, std::span<const float> values, DType dtype) {
  // The least that rounds to infinity.
  const float limit = dtype == DType::kF16    ? 65520.0f
                      : dtype == DType::kBF16 ? 0x1.ffp127f
                                              : std::numeric_limits<float>::infinity();
  const auto bad = std::ranges::find_if(values, [limit](float value) { return !(std::abs(value) < limit); });
  if (bad == values.end()) return;
  std::ostringstream text;
  text << *bad;
  fail(ErrorCode::kNonFinite, name,
       "got the value " + text.str() + ", expected one that " + std::string(to_string(dtype)) +
           ", the model's own element type, can hold. Lower learning_rate.");
}

// Out of sight first: a process killed halfway leaves no folder that looks like a checkpoint.
void remove_folder(const fs::path& folder) {
  const fs::path aside = folder.parent_path() / ("." + folder.filename().string() + ".removed");
  std::error_code error;
  fs::remove_all(aside, error);
  fs::rename(folder, aside, error);
  fs::remove_all(error ? folder : aside, error);
}

}  // namespace

fs::path checkpoint_folder(const fs::path& run_dir, std::int64_t step) {
  return run_dir / "checkpoints" / (std::string(kFolderPrefix) + std::to_string(step));
}

std::vector<std::int64_t> list_checkpoints(const fs::path& run_dir) {
  std::vector<std::int64_t> steps;
  std::error_code error;
  for (fs::directory_iterator it(run_dir / "checkpoints", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(kFolderPrefix)) continue;
    std::int64_t step = 0;
    const char* first = name.data() + kFolderPrefix.size();
    const char* last = name.data() + name.size();
    const auto [end_of_number, problem] = std::from_chars(first, last, step);
    if (problem == std::errc() && end_of_number == last && step > 0) steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

namespace {

void fill_checkpoint(const fs::path& folder, const TrainedModel& model, Backend& backend, const Optimizer& optimizer,
                     const TrainerState& state) {
  if (model.adapter != nullptr) {
    model.adapter->write_files(folder, model.config);
  } else {
    const ParameterSet& set = model.weights.set();
    write_tensors(folder / kWeightsFile, set, {""},
                  [&](std::size_t, std::size_t index) { return set.download(index); });
  }
  write_tensors(
      folder / kOptimizerFile, optimizer.parameters(), {"m.", "v."}, [&](std::size_t moment, std::size_t index) {
        return download_f32(backend, moment == 0 ? optimizer.first_moment(index) : optimizer.second_moment(index));
      });
  nlohmann::json files = nlohmann::json::object();
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename().string()] = checksum_of(entry.path());
  }
  nlohmann::json json = {{"format", 1},
                         {"step", state.step},
                         {"optimizer_updates", state.optimizer_updates},
                         {"seed", state.seed},
                         {"checksums", files}};
  if (state.inputs) {
    json["inputs"] = {{"rows", state.inputs->rows}, {"data", state.inputs->data}, {"weights", state.inputs->weights}};
  }
  write_json_file(folder / kStateFile, json);
}

}  // namespace

void save_checkpoint(const fs::path& run_dir, const TrainedModel& model, Backend& backend, const Optimizer& optimizer,
                     const TrainerState& state) {
  const fs::path target = checkpoint_folder(run_dir, state.step);
  AtomicFolder folder(target, ExistingFolder::kReplace);
  named_as(folder.path(), target.string(), [&] { fill_checkpoint(folder.path(), model, backend, optimizer, state); });
  folder.commit();
}

void prune_checkpoints(const fs::path& run_dir, std::int64_t keep) {
  const std::vector<std::int64_t> steps = list_checkpoints(run_dir);
  for (std::size_t i = static_cast<std::size_t>(keep); i < steps.size(); ++i) {
    remove_folder(checkpoint_folder(run_dir, steps[i]));
  }
}

void remove_leftovers(const fs::path& run_dir) {
  for (const fs::path& parent : {run_dir, run_dir / "checkpoints"}) {
    std::vector<fs::path> leftovers;
    std::error_code error;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name.starts_with(".") && (name.find(".tmp-") != std::string::npos || name.ends_with(".removed"))) {
        leftovers.push_back(it->path());
      }
    }
    for (const fs::path& path : leftovers) fs::remove_all(path, error);
  }
}

TrainerState check_checkpoint_files(const fs::path& folder) {
  const fs::path file = folder / kStateFile;
  const nlohmann::json json = read_json_file(file);
  const JsonFields fields(json, folder.filename().string() + "/" + kStateFile);
  if (fields.integer("format", 1, kMaxInteger) != 1) {
    fail(ErrorCode::kUnsupported, fields.place(), "a newer version of Vernier wrote this checkpoint.");
  }
  TrainerState state;
  state.step = fields.integer("step", 1, kMaxInteger);
  state.optimizer_updates = fields.integer("optimizer_updates", 0, state.step);
  const nlohmann::json* seed = fields.find("seed");
  if (seed == nullptr || !seed->is_number_unsigned()) fields.wrong("seed", "a whole number of at least 0");
  state.seed = seed->get<std::uint64_t>();
  if (fields.has("inputs")) {
    const JsonFields inputs = fields.object("inputs");
    state.inputs = {inputs.integer("rows", 1, kMaxInteger), inputs.string("data", ""), inputs.string("weights", "")};
  }
  if (folder.filename() != std::string(kFolderPrefix) + std::to_string(state.step)) {
    fail(ErrorCode::kInvalidInput, fields.place(),
         "step: got " + std::to_string(state.step) + ", expected that of the folder " + folder.filename().string() +
             ".");
  }
  const JsonFields checksums = fields.object("checksums");
  const nlohmann::json* names = fields.find("checksums");
  if (names == nullptr || !names->contains(kOptimizerFile)) fields.missing("checksums");
  for (const auto& item : names->items()) {
    const std::string expected = checksums.string(item.key().c_str(), "");
    if (fs::path(item.key()).filename() != item.key()) checksums.wrong(item.key().c_str(), "a file of the checkpoint");
    const std::string got = checksum_of(folder / item.key());
    if (got != expected) {
      fail(ErrorCode::kInvalidInput, folder.filename().string() + "/" + item.key(),
           "the file is damaged: got checksum " + got + ", expected " + expected + ".");
    }
  }
  return state;
}

void load_weights(const fs::path& folder, ModelWeights& weights) {
  const SafetensorsFile file(folder / kWeightsFile);
  const ParameterSet& set = weights.set();
  for (std::size_t i = 0; i < set.parameters().size(); ++i) {
    set.upload(i, read_tensor(file, set.parameters()[i].name, set.parameters()[i]));
  }
}

void load_optimizer(const fs::path& folder, Backend& backend, Optimizer& optimizer, const TrainerState& state) {
  const SafetensorsFile file(folder / kOptimizerFile);
  const std::vector<Parameter>& parameters = optimizer.parameters().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    for (const auto& [prefix, to] :
         {std::pair("m.", optimizer.first_moment(i)), std::pair("v.", optimizer.second_moment(i))}) {
      const std::vector<float> values = read_tensor(file, prefix + parameters[i].name, parameters[i]);
      backend.upload(to.data, values.data(), values.size() * sizeof(float));
    }
  }
  optimizer.set_updates(state.optimizer_updates);
}

std::string write_result(const fs::path& run_dir, const TrainedModel& model, const fs::path& model_dir) {
  if (model.adapter != nullptr) {
    model.adapter->write(run_dir / "adapter", model.config);
    return "adapter";
  }
  std::vector<CheckpointTensor> tensors;
  const ParameterSet& set = model.weights.set();
  for (std::size_t i = 0; i < set.parameters().size(); ++i) {
    const Parameter& parameter = set.parameters()[i];
    CheckpointTensor& tensor = tensors.emplace_back();
    tensor.name = parameter.name;
    tensor.shape = parameter.shape;
    tensor.dtype = model.result_dtype;
    const std::int64_t width = parameter.size() / parameter.shape[0];
    tensor.read = [&set, i, width, dtype = model.result_dtype](std::int64_t first_row, std::int64_t rows, float* out) {
      const std::span<float> values(out, static_cast<std::size_t>(rows * width));
      set.download(i, first_row * width, values);
      require_representable(set.parameters()[i].name, values, dtype);
    };
  }
  CheckpointOptions options;
  options.dtype = model.result_dtype;
  options.config = read_json_file(model_dir / "config.json");
  if (model.config.own_head) set_untied(options.config);
  if (fs::exists(model_dir / "generation_config.json")) {
    options.generation_config = read_json_file(model_dir / "generation_config.json");
  }
  options.tokenizer_folder = model_dir;
  options.existing = ExistingFolder::kReplace;
  write_checkpoint(run_dir / "model", tensors, options);
  return "model";
}

}  // namespace vernier
