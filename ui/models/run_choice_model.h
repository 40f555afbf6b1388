// The known runs, some of them chosen.
#pragma once

#include <QAbstractListModel>
#include <QStringList>
#include <functional>
#include <vector>

#include "vernier/run_store.h"

namespace vernier::ui {

class RunChoiceModel : public QAbstractListModel {
  Q_OBJECT

 public:
  static constexpr int kMostRuns = 4;

  // icon: what marks the n-th chosen run.
  explicit RunChoiceModel(std::function<QVariant(int)> icon, QObject* parent = nullptr);

  // Runs without a step are left out. Chosen ones that are gone are no longer chosen.
  void set_runs(const std::vector<RunSummary>& runs);
  // In the order in which they were chosen; more than kMostRuns, or others than the runs, are not taken.
  void choose(const QStringList& run_dirs);
  const QStringList& chosen() const { return chosen_; }
  int num_runs() const { return static_cast<int>(runs_.size()); }
  QString run_dir(int row) const;
  // How the list spells a run's folder; "" where it has no such run.
  QString listed_as(const QString& run_dir) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 Q_SIGNALS:
  void chosenChanged();

 private:
  std::function<QVariant(int)> icon_;
  std::vector<RunSummary> runs_;
  QStringList chosen_;
};

}  // namespace vernier::ui
