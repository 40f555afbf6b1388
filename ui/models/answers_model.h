// A model's answers to fixed prompts, before and after training.
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>
#include <vector>

#include "vernier/demo.h"

namespace vernier::ui {

class AnswersModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kPrompt, kBefore, kAfter, kLearned, kNumColumns };

  explicit AnswersModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void set_prompts(std::vector<DemoPrompt> prompts);
  // One a prompt; empty: not asked yet.
  void set_before(const QStringList& answers);
  void set_after(const QStringList& answers);
  bool has_before() const { return !before_.isEmpty(); }
  bool has_after() const { return !after_.isEmpty(); }
  // Answers after training that hold the phrase they should.
  int hits() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  bool is_hit(int row) const;

  std::vector<DemoPrompt> prompts_;
  QStringList before_;
  QStringList after_;
};

}  // namespace vernier::ui
