#include "ui/session/lesson_laboratory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "ui/style/paint.h"
#include "vernier/error.h"
#include "vernier/run.h"

namespace fs = std::filesystem;

namespace vernier::ui {
namespace {

// Keeps a run's steps and tells how far it is.
class Recorder : public EventSink {
 public:
  explicit Recorder(LessonProgress progress) : progress_(std::move(progress)) {}

  void on_started(const StartedEvent& event) override { trained.trainable_parameters = event.trainable_parameters; }
  void on_step(const StepEvent& event) override {
    trained.steps.push_back(event);
    progress_(static_cast<double>(event.step) / static_cast<double>(std::max<std::int64_t>(event.total_steps, 1)));
  }
  void on_parity(const ParityEvent& event) override { trained.parity.push_back(event.report); }

  TrainedRun trained;

 private:
  LessonProgress progress_;
};

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string pattern = (fs::temp_directory_path() / "vernier-lesson-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    fail(ErrorCode::kIo, pattern, "folder: got none, expected to make one for the experiment. Set TMPDIR.");
  }
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

LessonCurve TrainedRun::curve(const std::string& key, double StepEvent::*loss) const {
  LessonCurve curve{key, {}};
  for (const StepEvent& step : steps) curve.points.emplace_back(static_cast<double>(step.step), step.*loss);
  return curve;
}

Laboratory::Laboratory(int runs, LessonProgress progress, std::stop_token stop)
    : runs_(runs), progress_(std::move(progress)), stop_(std::move(stop)), demo_(load_demo()) {}

RunConfig Laboratory::config(std::int64_t steps) const {
  RunConfig config = demo_.config;
  config.eval_dataset.reset();
  config.max_steps = steps;
  config.per_device_train_batch_size = 8;
  config.eval_steps = 0;
  config.return_logits.every = 0;
  config.parity_check_every = 0;
  return config;
}

TrainedRun Laboratory::train(const RunConfig& config, const std::string& name, const Fault& fault,
                             std::optional<std::int64_t> last_step) {
  check_stop();
  Recorder recorder([this](double fraction) { progress_((done_ + fraction) / runs_); });
  RunControl control;
  RunOptions options;
  options.out_dir = folder_.file(name);
  options.device = "cpu";
  options.max_steps = last_step;
  options.fault = fault;
  const RunResult result = run_training(config, options, recorder, control, stop_);
  if (result.status == RunStatus::kFailed) throw Error(result.code, result.message);
  check_stop();
  ++done_;
  recorder.trained.run_dir = options.out_dir;
  recorder.trained.adapter_dir = options.out_dir + "/adapter";
  return std::move(recorder.trained);
}

std::unique_ptr<LanguageModel> Laboratory::load(const std::string& adapter_dir) const {
  return LanguageModel::load(
      {.model_dir = demo_.model_dir, .adapter_dir = adapter_dir, .device = "cpu", .dtype = "float32"}, {}, stop_);
}

std::vector<DataRow> Laboratory::rows(const std::string& path, bool assistant_only, std::int64_t most) const {
  DataOptions options;
  options.dataset.path = path;
  options.dataset.format = "messages";
  options.labels.assistant_only_loss = assistant_only;
  options.labels.max_length = demo_.config.max_length;
  options.first_row = 0;
  options.last_row = most - 1;
  return inspect_data(demo_.model_dir, options, {}, stop_).rows_shown.value();
}

double Laboratory::labelled_share(const RunConfig& config) const {
  DataOptions options;
  options.dataset = config.dataset;
  options.labels.assistant_only_loss = config.assistant_only_loss;
  options.labels.max_length = config.max_length;
  const DatasetAudit audit = inspect_data(demo_.model_dir, options, {}, stop_).audit;
  return static_cast<double>(audit.labelled_tokens) / static_cast<double>(audit.tokens);
}

Batch Laboratory::held_out(bool questions, std::int64_t most) const {
  std::vector<std::vector<std::int32_t>> input_ids, labels;
  for (const DataRow& row : rows(demo_.config.eval_dataset->path, true, most)) {
    std::vector<std::int32_t> wanted = row.labels;
    if (questions) {
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        wanted[i] = row.labels[i] == kNoLabel ? row.input_ids[i] : kNoLabel;
      }
    }
    input_ids.push_back(row.input_ids);
    labels.push_back(std::move(wanted));
  }
  return make_batch(input_ids, labels);
}

void Laboratory::check_stop() const {
  if (stop_.stop_requested()) fail(ErrorCode::kCancelled, "lesson", "stopped before its end.");
}

Batch make_batch(const std::vector<std::vector<std::int32_t>>& input_ids,
                 const std::vector<std::vector<std::int32_t>>& labels) {
  std::size_t width = 0;
  for (const auto& row : input_ids) width = std::max(width, row.size());
  Batch batch{.input_ids = input_ids, .labels = labels, .lengths = {}};
  for (std::size_t b = 0; b < input_ids.size(); ++b) {
    batch.lengths.push_back(static_cast<std::int64_t>(input_ids[b].size()));
    batch.input_ids[b].resize(width, 0);
    batch.labels[b].resize(width, kNoLabel);
  }
  return batch;
}

ForwardOptions losses_alone() {
  ForwardOptions options;
  options.logits = false;
  return options;
}

double loss_of(LanguageModel& model, const Batch& batch) {
  return model.forward(batch, losses_alone()).loss_per_token;
}

double largest_b(const std::string& adapter_dir) {
  // A safetensors file: the length of the header, the header, the values that its offsets count from.
  const std::string path = adapter_dir + "/adapter_model.safetensors";
  std::ifstream in(path, std::ios::binary);
  std::array<char, 8> size{};
  in.read(size.data(), size.size());
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < size.size(); ++i) {
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(size[i])) << (8 * i);
  }
  std::error_code ignored;
  if (!in || length > fs::file_size(path, ignored)) fail(ErrorCode::kIo, path, "got no whole file of an adapter.");
  std::string header(static_cast<std::size_t>(length), '\0');
  in.read(header.data(), static_cast<std::streamsize>(length));
  const std::string values{std::istreambuf_iterator<char>(in), {}};
  double largest = 0.0;
  const nlohmann::json tensors = nlohmann::json::parse(header);
  for (const auto& [name, tensor] : tensors.items()) {
    if (name.find(".lora_B.") == std::string::npos) continue;
    const std::size_t end = tensor.at("data_offsets").at(1).get<std::size_t>();
    for (std::size_t at = tensor.at("data_offsets").at(0).get<std::size_t>(); at + sizeof(float) <= end;
         at += sizeof(float)) {
      float value = 0.0f;
      std::memcpy(&value, values.data() + at, sizeof value);
      largest = std::max(largest, std::abs(static_cast<double>(value)));
    }
  }
  return largest;
}

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string count(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, "\u202f");
  }
  return text;
}

std::string percentage(double share, int decimals) {
  return percent(share, decimals).toStdString();
}

}  // namespace vernier::ui
