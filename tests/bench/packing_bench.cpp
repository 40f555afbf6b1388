// packing_bench SHAPE MODEL DATA [MAX_LENGTH] [ROWS]: tokens/s of LoRA steps on the first rows of a data file, the rows
// (a) padded to the longest of eight, as most trainers have it, (b) one behind the other without padding, and (c)
// packed into rows of MAX_LENGTH. Weights are random ones of SHAPE; MODEL gives tokenizer and template. Tokens of
// padding do not count.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "engine/data/batch_planner.h"
#include "engine/data/load_dataset.h"
#include "engine/io/peft_adapter.h"
#include "engine/ops/make_backend.h"
#include "engine/train/bench_shapes.h"
#include "engine/train/train_step.h"
#include "vernier/error.h"

namespace {

using namespace vernier;

std::vector<MicroBatch> one_epoch(BatchPlanner& planner) {
  std::vector<MicroBatch> out;
  for (std::int64_t step = 1; step <= planner.steps_per_epoch(); ++step) {
    for (MicroBatch& batch : planner.micro_batches(step)) out.push_back(std::move(batch));
  }
  return out;
}

MicroBatch padded(const MicroBatch& batch) {
  std::int32_t longest = 0;
  for (const SequenceRef& sequence : batch.sequences) longest = std::max(longest, sequence.length);
  MicroBatch out;
  for (const SequenceRef& sequence : batch.sequences) {
    const auto begin = static_cast<std::size_t>(sequence.begin), length = static_cast<std::size_t>(sequence.length);
    std::vector<std::int32_t> ids(static_cast<std::size_t>(longest), 0), labels(ids.size(), kNoLabel);
    std::copy_n(batch.input_ids.begin() + static_cast<std::ptrdiff_t>(begin), length, ids.begin());
    std::copy_n(batch.labels.begin() + static_cast<std::ptrdiff_t>(begin), length, labels.begin());
    out.append(sequence.row, ids.data(), labels.data(), longest);
  }
  return out;
}

void run(int argc, char** argv) {
  const BenchShape shape = find_bench_shape(argv[1]);
  const auto tokenizer = Tokenizer::load(argv[2]);
  const auto chat_template = load_chat_template(argv[2]);
  RunConfig config;
  config.dataset.path = argv[3];
  config.max_length = argc > 4 ? std::atoll(argv[4]) : 1024;
  const std::int64_t most_rows = argc > 5 ? std::atoll(argv[5]) : 256;
  LabelOptions labels;
  labels.max_length = config.max_length;
  LoadedDataset data =
      load_dataset(config.dataset, {*tokenizer, chat_template.get(), shape.config.vocab_size, {}}, labels);
  std::vector<std::int64_t> first(static_cast<std::size_t>(std::min(most_rows, data.rows.size())));
  std::iota(first.begin(), first.end(), std::int64_t{0});
  const TokenDataset rows = data.rows.select(first);

  const auto backend = make_backend("auto");
  const auto weights = ModelWeights::random(*backend, shape.config, 42);
  const auto adapter =
      Adapter::create(*backend, shape.config, adapter_config_from_options(config.lora, shape.name), 42);
  adapter->set().enable_gradients();
  Optimizer optimizer(*backend, adapter->set(), config);
  Decoder decoder(*backend, shape.config, *weights, adapter.get());
  StepLosses losses;

  config.per_device_train_batch_size = 8;
  BatchPlanner planner(rows, config);
  const std::vector<MicroBatch> flat = one_epoch(planner);
  std::vector<MicroBatch> with_padding;
  for (const MicroBatch& batch : flat) with_padding.push_back(padded(batch));
  config.packing = Packing::kBfd;
  config.per_device_train_batch_size = 1;
  BatchPlanner packer(rows, config);
  const std::vector<MicroBatch> packed = one_epoch(packer);
  std::printf("%lld rows, %lld tokens; packed rows are filled to %.1f %%\n", static_cast<long long>(rows.size()),
              static_cast<long long>(rows.num_tokens()), 100.0 * packer.fill());

  double of_padded = 0.0;
  const std::vector<std::pair<const char*, const std::vector<MicroBatch>*>> layouts = {
      {"padded", &with_padding}, {"flat", &flat}, {"bfd", &packed}};
  for (const auto& [name, batches] : layouts) {
    std::vector<double> seconds;
    std::size_t computed = 0;
    for (const MicroBatch& batch : *batches) computed += batch.input_ids.size();
    for (int round = 0; round < 3; ++round) {
      const auto start = std::chrono::steady_clock::now();
      for (const MicroBatch& batch : *batches) {
        const std::vector<MicroBatch> step = {batch};
        losses.begin(step);
        forward_backward(decoder, optimizer, step, LossNormalization::kPerToken, {}, losses);
        optimizer.update(optimizer.gradient_norm(), 1e-4);
      }
      backend->synchronize();
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    const double rate = static_cast<double>(rows.num_tokens()) / *std::min_element(seconds.begin(), seconds.end());
    if (of_padded == 0.0) of_padded = rate;
    std::printf("%-7s %8.0f tokens/s, %.2f x, %zu tokens computed in %zu steps\n", name, rate, rate / of_padded,
                computed, batches->size());
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: packing_bench SHAPE MODEL DATA [MAX_LENGTH] [ROWS]\n");
    return 2;
  }
  try {
    run(argc, argv);
  } catch (const vernier::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
