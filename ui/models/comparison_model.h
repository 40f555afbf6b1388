// Several runs beside each other: a row for each thing, a column for each run.
#pragma once

#include <QAbstractTableModel>
#include <QStringList>
#include <vector>

namespace vernier::ui {

struct ComparisonRow {
  QString name;
  QString tool_tip;
  QStringList values;  // one a run
  int best = -1;       // the run that is best in it, where one is

  bool differs() const;
};

class ComparisonModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  // what: the head of the first column ("Setting").
  explicit ComparisonModel(QString what, QObject* parent = nullptr);

  void set(QStringList runs, std::vector<ComparisonRow> rows);
  // Rows in which all runs agree are left out; not at first.
  void set_only_differences(bool on);
  bool only_differences() const { return only_differences_; }
  int num_left_out() const { return static_cast<int>(rows_.size() - shown_.size()); }
  // What is shown, as a Markdown table.
  QString to_markdown() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void choose_shown();
  QString text(const ComparisonRow& row, int run) const;

  QString what_;
  QStringList runs_;
  std::vector<ComparisonRow> rows_;
  std::vector<std::size_t> shown_;  // of rows_
  bool only_differences_ = false;
};

}  // namespace vernier::ui
