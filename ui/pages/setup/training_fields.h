// The settings of the training step, in groups: what each is called, why it matters, and what it may be.
#pragma once

#include <QCoreApplication>
#include <QList>

#include "ui/pages/setup/draft_field.h"

namespace vernier::ui {

class TrainingFields {
  Q_DECLARE_TR_FUNCTIONS(TrainingFields)

 public:
  static QList<DraftField*> amount(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> rate(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> adapter(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> rows(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> memory(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> loss(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> watching(RunDraft& draft, QWidget* parent);
  static QList<DraftField*> advanced(RunDraft& draft, QWidget* parent);

  // The rank, which the model step shows too.
  static DraftField* rank(RunDraft& draft, QWidget* parent);
  // A remark for the field of that key where its value is allowed but seldom wise; "" where there is nothing to say.
  // model_parameters, context: 0 where no model is known.
  static QString advice(const QString& key, const RunConfig& config, qint64 model_parameters, qint64 context);
};

}  // namespace vernier::ui
