#include "vernier/logit_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "engine/inspect/asked_states.h"
#include "engine/inspect/logit_row.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::size_t kColumnsBetweenChecks = 32;

void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) fail(ErrorCode::kCancelled, "logits", "stopped before all positions were read.");
}

void check_id(const char* what, std::int32_t id, std::int64_t vocab_size) {
  if (id >= 0 && id < vocab_size) return;
  fail(ErrorCode::kInvalidInput, what,
       "got id " + std::to_string(id) + ", expected 0 to " + std::to_string(vocab_size - 1) +
           " (the model's vocabulary).");
}

// Fills a grid column by column.
class GridBuilder {
 public:
  GridBuilder(const GridRows& rows, std::int64_t vocab_size, std::size_t columns, bool has_others, LogitGrid& grid)
      : wanted_(rows), grid_(grid) {
    for (const std::int32_t id : rows.tokens) check_id("tokens", id, vocab_size);
    grid.rows = rows.tokens.empty() ? std::clamp<std::int64_t>(rows.top, 0, vocab_size)
                                    : static_cast<std::int64_t>(rows.tokens.size());
    grid.columns.reserve(columns);
    grid.cells.resize(columns * static_cast<std::size_t>(grid.rows));
    if (has_others) grid.others.resize(grid.cells.size());
  }

  // view: position, input_id and target are set.
  void add(PositionView view, std::span<const float> logits) {
    const LogitRow row(logits);
    view.entropy = static_cast<float>(row.entropy);
    if (view.target >= 0) {
      view.target_probability = row.probability(logits[static_cast<std::size_t>(view.target)]);
      view.target_rank = rank_of(logits, view.target);
    }
    const std::span<GridCell> cells = cells_of(grid_.cells, grid_.columns.size());
    const bool has_list = !wanted_.tokens.empty();
    const std::int64_t kept = has_list ? wanted_.details : std::max(grid_.rows, wanted_.details);
    const std::span<const std::int32_t> top = likeliest(logits, kept, ids_);
    for (const std::int32_t id : top.first(std::min(top.size(), static_cast<std::size_t>(wanted_.details)))) {
      const float logit = logits[static_cast<std::size_t>(id)];
      view.top.push_back({id, logit, row.probability(logit)});
    }
    if (!has_list) {
      fill_likeliest(cells, top, logits, row);
    } else {
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i].id = wanted_.tokens[i];
      fill(cells, logits, row);
    }
    grid_.columns.push_back(std::move(view));
  }

  // The same tokens as the column's cells, by another's logits.
  void add_other(std::size_t column, std::span<const float> logits) {
    const std::span<GridCell> cells = cells_of(grid_.others, column);
    const std::span<const GridCell> shown = cells_of(grid_.cells, column);
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i].id = shown[i].id;
    fill(cells, logits, LogitRow(logits));
  }
  void skip_other(std::size_t column) {
    const std::span<GridCell> cells = cells_of(grid_.others, column);
    const std::span<const GridCell> shown = cells_of(grid_.cells, column);
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i].id = shown[i].id;
  }

 private:
  std::span<GridCell> cells_of(std::vector<GridCell>& all, std::size_t column) const {
    const auto rows = static_cast<std::size_t>(grid_.rows);
    return {all.data() + column * rows, rows};
  }

  static void fill_likeliest(std::span<GridCell> cells, std::span<const std::int32_t> top,
                             std::span<const float> logits, const LogitRow& row) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const float logit = logits[static_cast<std::size_t>(top[i])];
      const bool ties = i > 0 && logit == cells[i - 1].logit;
      cells[i] = {top[i], logit, row.probability(logit), ties ? cells[i - 1].rank : static_cast<std::int32_t>(i)};
    }
  }

  // Values of cells whose ids are set. Their ranks come from one walk over the vocabulary: counting for each cell alone
  // would walk it as often as there are rows.
  void fill(std::span<GridCell> cells, std::span<const float> logits, const LogitRow& row) {
    order_.resize(cells.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (GridCell& cell : cells) {
      cell.logit = logits[static_cast<std::size_t>(cell.id)];
      cell.probability = row.probability(cell.logit);
    }
    const auto key = [&cells](std::size_t i) {
      return std::isnan(cells[i].logit) ? -std::numeric_limits<float>::infinity() : cells[i].logit;
    };
    std::sort(order_.begin(), order_.end(), [&key](std::size_t a, std::size_t b) { return key(a) < key(b); });
    sorted_.clear();
    for (const std::size_t i : order_) sorted_.push_back(key(i));
    // above_[j]: logits that are greater than exactly the first j of the sorted.
    above_.assign(cells.size() + 1, 0);
    for (const float logit : logits) {
      ++above_[static_cast<std::size_t>(std::lower_bound(sorted_.begin(), sorted_.end(), logit) - sorted_.begin())];
    }
    std::int32_t higher = 0;
    for (std::size_t j = cells.size(); j-- > 0;) {
      higher += above_[j + 1];
      cells[order_[j]].rank = higher;
    }
  }

  const GridRows& wanted_;
  LogitGrid& grid_;
  std::vector<std::int32_t> ids_;
  std::vector<std::size_t> order_;
  std::vector<float> sorted_;
  std::vector<std::int32_t> above_;
};

std::span<const float> logits_of(const Capture& capture, std::size_t index) {
  const auto vocab = static_cast<std::size_t>(capture.vocab_size);
  return {capture.logits.data() + index * vocab, vocab};
}

}  // namespace

LogitGrid logit_grid(const Capture& capture, const GridRows& rows, const Capture* other, std::stop_token stop) {
  if (other != nullptr && other->vocab_size != capture.vocab_size) {
    fail(ErrorCode::kInvalidInput, "capture",
         "vocabulary: got " + std::to_string(other->vocab_size) + " tokens, expected " +
             std::to_string(capture.vocab_size) + " as the capture that is compared.");
  }
  LogitGrid grid;
  const std::size_t columns = capture.positions.size();
  GridBuilder builder(rows, capture.vocab_size, columns, other != nullptr, grid);
  std::unordered_map<std::int32_t, std::size_t> index_of;
  for (std::size_t i = 0; other != nullptr && i < other->positions.size(); ++i) index_of[other->positions[i]] = i;
  for (std::size_t i = 0; i < columns; ++i) {
    if (i % kColumnsBetweenChecks == 0) check_stop(stop);
    PositionView view;
    view.position = capture.positions[i];
    view.input_id = capture.input_ids[static_cast<std::size_t>(view.position)];
    view.target = capture.targets[i];
    builder.add(std::move(view), logits_of(capture, i));
    if (other == nullptr) continue;
    const auto found = index_of.find(capture.positions[i]);
    if (found != index_of.end()) {
      builder.add_other(i, logits_of(*other, found->second));
    } else {
      builder.skip_other(i);
    }
  }
  return grid;
}

LogitGrid logit_grid(const ModelPair& models, const std::vector<std::int32_t>& input_ids,
                     const std::vector<std::int32_t>& labels, const GridRows& rows, Asked asked,
                     const ProgressCallback& progress, std::stop_token stop) {
  if (labels.size() != input_ids.size()) {
    fail(ErrorCode::kInvalidInput, "labels",
         "got " + std::to_string(labels.size()) + ", expected " + std::to_string(input_ids.size()) +
             ", one for each token.");
  }
  const std::vector<AskedStates> states = ask_states(models, input_ids, asked, KeptStates::kLast);
  const std::int64_t vocab = models.tuned->info().vocab_size;
  for (const std::int32_t label : labels) {
    if (label != -100) check_id("labels", label, vocab);
  }
  LogitGrid grid;
  GridBuilder builder(rows, vocab, input_ids.size(), states.size() > 1, grid);
  HeadReader shown(*states[0].decoder);
  std::optional<HeadReader> other;
  if (states.size() > 1) other.emplace(*states[1].decoder);

  const auto length = static_cast<std::int64_t>(input_ids.size());
  const std::int64_t width = models.tuned->info().hidden_size;
  for (std::int64_t first = 0; first < length; first += shown.chunk()) {
    check_stop(stop);
    const std::int64_t count = std::min(shown.chunk(), length - first);
    const auto row_of = [vocab](const std::vector<float>& logits, std::int64_t i) {
      return std::span(logits.data() + i * vocab, static_cast<std::size_t>(vocab));
    };
    const std::vector<float>& logits = shown.read(states[0].states[0].data() + first * width, count, true);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto position = static_cast<std::size_t>(first + i);
      PositionView view;
      view.position = static_cast<std::int32_t>(position);
      view.input_id = input_ids[position];
      if (position + 1 < input_ids.size()) view.target = labels[position + 1];
      builder.add(std::move(view), row_of(logits, i));
    }
    if (other) {
      const std::vector<float>& compared = other->read(states[1].states[0].data() + first * width, count, true);
      for (std::int64_t i = 0; i < count; ++i) {
        builder.add_other(static_cast<std::size_t>(first + i), row_of(compared, i));
      }
    }
    if (progress) progress(static_cast<double>(first + count) / static_cast<double>(length));
  }
  return grid;
}

}  // namespace vernier
