// Deterministic data for the gallery and the tests of the window's widgets.
#pragma once

#include <QPalette>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "ui/style/paint.h"
#include "vernier/lens.h"
#include "vernier/logit_grid.h"
#include "vernier/parity.h"
#include "vernier/run_store.h"

namespace vernier::ui::samples {

inline std::vector<SeriesPoint> series(std::int64_t steps, std::int64_t first = 1) {
  std::mt19937 random(static_cast<unsigned>(first));
  std::normal_distribution<double> noise(0.0, 1.0);
  std::vector<SeriesPoint> points;
  for (std::int64_t step = first; step < first + steps; ++step) {
    const double t = static_cast<double>(step) / static_cast<double>(steps + first - 1);
    const double base = 1.1 + 2.4 * std::exp(-4.0 * t);
    const double warm = std::min(1.0, static_cast<double>(step) / 20.0);
    points.push_back({step, base + 0.12 * noise(random), base + 0.3 * (1 - t) + 0.16 * noise(random),
                      2e-4 * warm * (1.0 - t), 0.5 + 1.5 * std::exp(-3.0 * t) + 0.2 * std::abs(noise(random))});
  }
  return points;
}

inline std::vector<EvalEvent> evals(std::int64_t steps, int count) {
  std::vector<EvalEvent> events;
  for (int i = 0; i <= count; ++i) {
    EvalEvent event;
    event.step = steps * i / count;
    const double t = static_cast<double>(i) / count;
    event.eval_loss_per_token = 1.3 + 2.3 * std::exp(-4.0 * t);
    event.eval_loss_per_sequence = event.eval_loss_per_token + 0.3 * (1 - t);
    events.push_back(event);
  }
  return events;
}

// Pieces of a small story, SentencePiece style; an id is its index.
inline const std::vector<QString>& pieces() {
  static const std::vector<QString> kPieces = {
      "<s>",   "</s>",   "\n",      "▁Once",    "▁upon",   "▁a",     "▁time", ",",      "▁there", "▁was", "▁little",
      "▁fo",   "x",      "▁named",  "▁Pip",     ".",       "▁He",    "▁liv",  "ed",     "▁near",  "▁the", "▁old",
      "▁mill", "▁and",   "▁every",  "▁morning", "▁count",  "▁geese", "▁on",   "▁pond",  "▁Where", "▁do",  "▁sleep",
      "?",     "▁Under", "▁willow", "!",        "▁answer", "▁river", "▁moon", "▁bright"};
  return kPieces;
}

inline QString piece(std::int32_t id) {
  return id >= 0 && id < static_cast<std::int32_t>(pieces().size()) ? pieces()[static_cast<std::size_t>(id)]
                                                                    : QString();
}

// `count` tokens; the first fifth is a masked prompt.
inline StepTokens tokens(int count) {
  static const std::vector<std::int32_t> kStory = {
      0,  30, 31, 20, 27, 32, 33, 2,  3,  4,  5,  6,  7,  8,  9,  5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
      20, 21, 22, 23, 24, 25, 16, 26, 18, 20, 27, 28, 20, 29, 15, 2, 34, 20, 35, 36, 37, 18, 20, 38, 15, 1};
  std::mt19937 random(7);
  std::exponential_distribution<float> loss(0.9f);
  StepTokens step;
  step.step = 120;
  step.sequence = {3, 41, count, 0, 0.0};
  for (int i = 0; i < count; ++i) {
    TokenRecord token;
    token.position = i;
    token.input_id = kStory[static_cast<std::size_t>(i) % kStory.size()];
    token.is_target = i >= std::min(count / 5, 8);
    if (token.is_target) {
      token.loss = std::min(7.5f, loss(random));
      token.entropy = 0.3f + 0.6f * loss(random);
      token.rank = token.loss < 0.8f ? 0 : static_cast<std::int32_t>(token.loss * token.loss * 3);
      token.argmax = token.rank == 0 ? token.input_id : (token.input_id + 7) % 41;
    }
    step.tokens.push_back(token);
  }
  return step;
}

// The likeliest tokens of each position, and with `has_others` what another side thought of them.
inline LogitGrid grid(int positions, int rows, bool has_others = false) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const StepTokens row = tokens(positions + 1);
  LogitGrid grid;
  grid.rows = rows;
  for (int i = 0; i < positions; ++i) {
    PositionView view;
    view.position = i;
    view.input_id = row.tokens[static_cast<std::size_t>(i)].input_id;
    const double sharp = 0.35 + 2.2 * uniform(random) * uniform(random);
    double left = 1.0;
    for (int r = 0; r < rows; ++r) {
      const double p = left * (1.0 - std::exp(-sharp));
      left -= p;
      GridCell cell{(view.input_id * 5 + r * 7 + 3) % 41, static_cast<float>(std::log(p) + 9.0), static_cast<float>(p),
                    r};
      if (r < 20) view.top.push_back({cell.id, cell.logit, cell.probability});
      grid.cells.push_back(cell);
      if (!has_others) continue;
      cell.probability = static_cast<float>(p * (0.5 + uniform(random)));
      cell.logit = std::log(cell.probability) + 9.0f;
      grid.others.push_back(cell);
    }
    view.entropy = static_cast<float>(1.0 / sharp);
    if (i >= 8) {
      view.target_rank = static_cast<std::int32_t>(std::floor(4.0 * uniform(random) * uniform(random) * rows / 3.0));
      const bool within = view.target_rank < rows;
      const GridCell* cells = grid.cells.data() + grid.at(i, 0);
      view.target = within ? cells[view.target_rank].id : 40;
      view.target_probability = within ? cells[view.target_rank].probability : 0.001f;
    }
    grid.columns.push_back(view);
  }
  return grid;
}

// Layers that come ever closer to their answer; with `compares` a base model that stays a little behind.
inline std::shared_ptr<const LensPair> lens(int positions, int layers, bool compares) {
  const StepTokens row = tokens(positions);
  auto pair = std::make_shared<LensPair>();
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
  const auto make = [&](LogitLens& lens, float lag) {
    lens.layers = layers + 1;
    lens.top = 3;
    for (const TokenRecord& token : row.tokens) lens.input_ids.push_back(token.input_id);
    for (int layer = 0; layer <= layers; ++layer) {
      const float depth = static_cast<float>(layer) / static_cast<float>(layers);
      for (int t = 0; t < positions; ++t) {
        const auto next = static_cast<std::size_t>(t) + 1;
        const bool right = depth > 0.4f + lag + 0.3f * static_cast<float>(t % 3) / 2.0f;
        const std::int32_t answer = next < lens.input_ids.size() ? lens.input_ids[next] : 1;
        const float p = 0.1f + 0.8f * depth * (1.0f - lag) * uniform(random);
        lens.cells.push_back({3.7f * (1.0f - depth) + lag, 2.0f * (1.0f - depth), right ? p : 0.02f, right ? 0 : 4});
        for (int k = 0; k < 3; ++k) {
          const std::int32_t id = right && k == 0 ? answer : (answer + 5 * k + layer) % 41;
          lens.tokens.push_back({id, 5.0f - static_cast<float>(k), p / static_cast<float>(k + 1)});
        }
      }
      lens.mean_entropy.push_back(3.7f * (1.0f - depth) + lag);
      lens.mean_divergence.push_back(2.0f * (1.0f - depth));
    }
  };
  make(pair->tuned, 0.0f);
  if (!compares) return pair;
  make(pair->base, 0.2f);
  for (std::size_t i = 0; i < pair->tuned.cells.size(); ++i) pair->divergence.push_back(0.4f * uniform(random));
  pair->mean_divergence.assign(static_cast<std::size_t>(layers) + 1, 0.2f);
  return pair;
}

inline ParityReport parity(std::int64_t step, ParityVerdict verdict) {
  ParityReport report;
  report.step = step;
  report.num_tokens = 512;
  report.reference_loss_per_token = 2.318842;
  report.reference_top_argmax_share = 0.062;
  report.verdict = verdict;
  report.milliseconds = 214;
  for (const ParityPath path : {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode}) {
    ParityPathReport one;
    one.path = path;
    one.loss_per_token = 2.3188421;
    one.loss_difference = 3.1e-7;
    one.mean_abs_logit_difference = 1.8e-6;
    one.max_abs_logit_difference = 2.4e-5;
    one.mean_kl = 2.2e-11;
    one.top_argmax_share = 0.062;
    report.paths.push_back(one);
  }
  report.summary = "All three paths agree with the reference to within float32 rounding.";
  if (verdict != ParityVerdict::kAgrees) {
    const bool differs = verdict == ParityVerdict::kDiffers;
    ParityPathReport& bad = report.paths[1];
    bad.verdict = verdict;
    bad.loss_per_token = differs ? 3.0214 : 2.3199;
    bad.loss_difference = differs ? 0.7026 : 0.0011;
    bad.mean_abs_logit_difference = differs ? 0.8123 : 0.0041;
    bad.max_abs_logit_difference = differs ? 9.214 : 0.131;
    bad.argmax_agreement = differs ? 0.412 : 0.994;
    bad.mean_kl = differs ? 0.6511 : 2.1e-5;
    bad.likely_causes = {"RoPE positions are shifted: the differences grow with distance, and the first token agrees.",
                         "A norm's epsilon is not the configuration's."};
    report.summary = differs
                         ? "The evaluation path computes something else than the reference: loss 3.02 instead of 2.32."
                         : "The evaluation path drifts: more than rounding, too little to change answers.";
  }
  return report;
}

inline std::vector<SequenceRecord> sequences(int count) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<SequenceRecord> records;
  for (int i = 0; i < count; ++i) {
    const auto tokens = static_cast<std::int64_t>(40 + 1400 * uniform(random));
    records.push_back(
        {120,
         {i, static_cast<std::int64_t>(20000 * uniform(random)), tokens, tokens * 2 / 3, 1.0 + 3.5 * uniform(random)}});
  }
  return records;
}

inline QPalette dark_palette() {
  QPalette palette;
  palette.setColor(QPalette::Window, QColor(0x2b, 0x2b, 0x2d));
  palette.setColor(QPalette::Base, QColor(0x1e, 0x1e, 0x20));
  palette.setColor(QPalette::AlternateBase, QColor(0x26, 0x26, 0x28));
  palette.setColor(QPalette::Button, QColor(0x3a, 0x3a, 0x3d));
  for (const QPalette::ColorRole role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText}) {
    palette.setColor(QPalette::Active, role, QColor(0xea, 0xea, 0xea));
    palette.setColor(QPalette::Inactive, role, QColor(0xea, 0xea, 0xea));
    palette.setColor(QPalette::Disabled, role, QColor(0x80, 0x80, 0x80));
  }
  palette.setColor(QPalette::ToolTipBase, QColor(0x2b, 0x2b, 0x2d));
  palette.setColor(QPalette::Highlight, QColor(0x3d, 0x8e, 0xc9));
  palette.setColor(QPalette::HighlightedText, Qt::white);
  return palette;
}

}  // namespace vernier::ui::samples
