#include "engine/train/recorded_passes.h"

#include <algorithm>

namespace vernier {
namespace {

// A step of fewer operations than this waits for its launches rather than for the device, and what it is filled up with
// costs it little.
constexpr double kMostFlops = 3e12;
constexpr std::size_t kMostEntries = 48;
constexpr std::int64_t kFewestTokens = 128;

// Rounded up to so many binary digits.
std::int64_t rounded(std::int64_t count, int digits) {
  std::int64_t unit = 1;
  while (count >= unit << digits) unit *= 2;
  return (count + unit - 1) / unit * unit;
}

}  // namespace

// What the operations of a recording depend on beside the arrays' contents.
struct RecordedPasses::Size {
  std::int64_t tokens, longest, sequences, rows;
  Keeping keeping;
  bool operator==(const Size&) const = default;
};

struct RecordedPasses::Entry {
  Size size;
  // Filled up; always at the same addresses.
  MicroBatch batch;
  std::vector<std::int32_t> rows, targets;
  std::vector<float> weights, loss, entropy;
  std::vector<std::int32_t> argmax, rank;
  std::vector<LogitSummary> logits;

  std::vector<std::size_t> places;  // of the micro-batch's own targets among the rows
  LossRows out;
  bool settled = false;  // has run as it is, so that there is nothing left to choose or to allocate
  std::unique_ptr<Recording> forward, backward;

  explicit Entry(const Size& size_in) : size(size_in) {
    const auto tokens = static_cast<std::size_t>(size.tokens), targets_count = static_cast<std::size_t>(size.rows);
    batch.input_ids.resize(tokens);
    batch.position_ids.resize(tokens);
    batch.labels.assign(tokens, -100);
    batch.row_keys.assign(tokens, 0);
    batch.cu_seqlens.resize(static_cast<std::size_t>(size.sequences) + 1);
    rows.resize(targets_count);
    targets.resize(targets_count);
    weights.resize(targets_count);
    loss.resize(targets_count);
    entropy.resize(targets_count);
    argmax.resize(targets_count);
    rank.resize(targets_count);
    logits.resize(targets_count);
  }

  void fill(const MicroBatch& from, const TargetRows& of) {
    std::copy(from.input_ids.begin(), from.input_ids.end(), batch.input_ids.begin());
    std::copy(from.position_ids.begin(), from.position_ids.end(), batch.position_ids.begin());
    std::copy(from.cu_seqlens.begin(), from.cu_seqlens.end(), batch.cu_seqlens.begin());
    // A token that is there anyway: what it meets in the weights is met without it, too.
    auto end = static_cast<std::int32_t>(from.input_ids.size());
    std::size_t sequence = from.cu_seqlens.size() - 1;
    while (end < size.tokens) {
      const auto length =
          std::min<std::int32_t>(static_cast<std::int32_t>(size.longest), static_cast<std::int32_t>(size.tokens) - end);
      for (std::int32_t t = 0; t < length; ++t) {
        batch.input_ids[static_cast<std::size_t>(end + t)] = from.input_ids.front();
        batch.position_ids[static_cast<std::size_t>(end + t)] = t;
      }
      end += length;
      batch.cu_seqlens[++sequence] = end;
    }
    std::fill(batch.cu_seqlens.begin() + static_cast<std::ptrdiff_t>(sequence) + 1, batch.cu_seqlens.end(), end);

    places.clear();
    std::size_t next = 0, others = rows.size() - of.rows.size(), row = 0;
    for (std::int32_t token = 0; row < rows.size(); ++token) {
      const bool is_target = next < of.rows.size() && of.rows[next] == token;
      if (!is_target && others == 0) continue;
      rows[row] = token;
      targets[row] = is_target ? of.targets[next] : 0;
      if (is_target) {
        places.push_back(row);
        ++next;
      } else {
        --others;
      }
      ++row;
    }
  }
};

RecordedPasses::RecordedPasses(Decoder& decoder, std::int64_t max_tokens)
    : decoder_(decoder), max_tokens_(max_tokens) {}

RecordedPasses::~RecordedPasses() = default;

bool RecordedPasses::takes(const MicroBatch& batch, const PassOptions& pass) const {
  return decoder_.backend().records() && decoder_.adapter() != nullptr && !decoder_.weights().set().has_gradients() &&
         pass.lora_dropout == 0.0f && pass.recompute != Recompute::kOffload && pass.fault == FaultKind::kNone &&
         pass.cache == nullptr && !pass.keep_hidden_states && !batch.input_ids.empty() &&
         !turns_by_length(decoder_.config()) && static_cast<std::int64_t>(batch.input_ids.size()) <= max_tokens_ &&
         decoder_.training_flops(batch.cu_seqlens) < kMostFlops;
}

RecordedPasses::Entry& RecordedPasses::entry_of(const Size& size) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e->size == size; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    if (entries_.size() == kMostEntries) {
      collect();
      entries_.pop_back();
    }
    entries_.push_front(std::make_unique<Entry>(size));
  }
  return *entries_.front();
}

void RecordedPasses::forward(const MicroBatch& batch, const TargetRows& targets, const PassOptions& pass) {
  const auto tokens = static_cast<std::int64_t>(batch.input_ids.size());
  Size size{};
  size.keeping = pass.keeping();
  size.tokens = std::min(max_tokens_, std::max(kFewestTokens, rounded(tokens, 3)));
  std::int64_t longest = 1;
  for (std::size_t s = 0; s + 1 < batch.cu_seqlens.size(); ++s) {
    longest = std::max<std::int64_t>(longest, batch.cu_seqlens[s + 1] - batch.cu_seqlens[s]);
  }
  size.longest = std::min(size.tokens, std::max<std::int64_t>(16, rounded(longest, 1)));
  const std::int64_t fillers = (size.tokens - tokens + size.longest - 1) / size.longest;
  size.sequences = rounded(static_cast<std::int64_t>(batch.cu_seqlens.size()) - 1 + fillers, 2);
  const std::int64_t quarter = (size.tokens + 3) / 4;
  const auto count = static_cast<std::int64_t>(targets.rows.size());
  size.rows = std::min(size.tokens, std::max<std::int64_t>(1, (count + quarter - 1) / quarter) * quarter);

  Entry& entry = entry_of(size);
  if (std::find(uncollected_.begin(), uncollected_.end(), &entry) != uncollected_.end()) collect();
  entry.fill(batch, targets);
  current_ = &entry;
  PassOptions filled = pass;
  filled.longest_sequence = size.longest;
  decoder_.begin_forward(entry.batch, filled);
  run(entry, entry.forward, [this] { decoder_.run_forward(); });
}

void RecordedPasses::loss_and_backward(std::span<const float> row_weights, const LossRows& out) {
  Entry& entry = *current_;
  entry.out = out;
  std::fill(entry.weights.begin(), entry.weights.end(), 0.0f);
  for (std::size_t m = 0; m < entry.places.size(); ++m) entry.weights[entry.places[m]] = row_weights[m];
  run(entry, entry.backward, [&] {
    LossRows rows;
    rows.loss = entry.loss;
    rows.entropy = entry.entropy;
    rows.argmax = entry.argmax;
    rows.rank = entry.rank;
    rows.logits = entry.logits;
    decoder_.loss(entry.rows, entry.targets, entry.weights, rows);
    decoder_.backward();
  });
  entry.settled = true;
  uncollected_.push_back(&entry);
}

void RecordedPasses::run(Entry& entry, std::unique_ptr<Recording>& recording, const std::function<void()>& work) {
  Backend& backend = decoder_.backend();
  if (recording == nullptr && entry.settled) recording = backend.record(work);
  if (recording != nullptr) {
    if (backend.replay(*recording)) {
      ++replays_;
      return;
    }
    // Memory has moved: as it is once more, then recorded anew.
    recording.reset();
    entry.settled = false;
  }
  work();
}

void RecordedPasses::collect() {
  if (uncollected_.empty()) return;
  decoder_.backend().synchronize();
  for (Entry* entry : uncollected_) {
    const auto take = [&](const auto& from, const auto& to) {
      for (std::size_t m = 0; m < to.size(); ++m) to[m] = from[entry->places[m]];
    };
    take(entry->loss, entry->out.loss);
    take(entry->entropy, entry->out.entropy);
    take(entry->argmax, entry->out.argmax);
    take(entry->rank, entry->out.rank);
    take(entry->logits, entry->out.logits);
  }
  uncollected_.clear();
}

}  // namespace vernier
