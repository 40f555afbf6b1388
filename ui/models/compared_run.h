// What is compared of a run, read from its folder.
#pragma once

#include <QPair>
#include <QString>
#include <QVector>
#include <memory>
#include <optional>
#include <vector>

#include "ui/models/comparison_model.h"
#include "ui/models/wanted_model.h"
#include "vernier/events.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// One step, with how far the run was by then.
struct ComparedPoint {
  qint64 step = 0;
  qint64 tokens = 0;        // trained on so far
  qint64 microseconds = 0;  // of steps so far, without loading and evaluations
  double loss_per_token = 0.0;
  double loss_per_sequence = 0.0;
};

struct ComparedRun {
  QString run_dir;
  QString name;
  RunInfo info;
  // Its steps. Shared: those of a long run are too many to be copied with it.
  std::shared_ptr<const std::vector<ComparedPoint>> steps = std::make_shared<const std::vector<ComparedPoint>>();
  const std::vector<ComparedPoint>& points() const { return *steps; }
  std::vector<EvalEvent> evals;
  std::optional<ParityVerdict> parity;  // of the last check
  StepEvent latest;
  quint64 peak_memory = 0;
  QVector<QPair<QString, QString>> settings;  // run.json's keys, dotted, with their values
  WantedModel model;                          // that answers: the base with its adapter, or what full training made
};

// Rows of the configuration, one a key that any of the runs has.
std::vector<ComparisonRow> compare_settings(const std::vector<ComparedRun>& runs);
// Losses, speed and size at the end, the best of each marked where one is better.
std::vector<ComparisonRow> compare_figures(const std::vector<ComparedRun>& runs);

}  // namespace vernier::ui
