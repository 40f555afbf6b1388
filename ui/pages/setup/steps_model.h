// The steps of a set-up as a list: what each is about, how it stands, what was chosen.
#pragma once

#include <QAbstractListModel>
#include <QList>

#include "ui/pages/setup/setup_step.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {

class StepsModel : public QAbstractListModel {
  Q_OBJECT

 public:
  static constexpr int kSummaryRole = Qt::UserRole;
  static constexpr int kStateRole = Qt::UserRole + 1;  // a StateShape as int

  // The steps outlive the model.
  explicit StepsModel(const QList<SetupStep*>& steps, QObject* parent);

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  QList<SetupStep*> steps_;
};

StateShape shape_of(SetupStep::State state);
// "Done", "To do", ...
QString to_words(SetupStep::State state);

}  // namespace vernier::ui
