// What of a row is learnt, and how much of it is kept.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QWidget>

#include "ui/session/data_session.h"

namespace vernier::ui {

class LabelChoice : public QWidget {
  Q_OBJECT

 public:
  LabelChoice(DataSession& session, QWidget* parent);

  // "Learn the assistant's turns only", of a format that allows it; changes the draft.
  enum Learn { kEverything, kCompletion, kAssistant, kAssistantInCompletion };
  static void learn(RunDraft& draft, Learn what);
  static Learn learnt(const RunConfig& config);
  static void set_max_length(RunDraft& draft, int tokens);
  void take_focus() { learn_->setFocus(Qt::OtherFocusReason); }

 private:
  QWidget* make_markers();
  QLineEdit* make_marker(const char* name, const QString& label, const QString& help, std::string RunConfig::*member);
  void refresh();
  void enable(int item, bool on, const QString& why_not);

  DataSession& data_;
  QComboBox* learn_;
  QSpinBox* max_length_;
  QLabel* why_;
  QWidget* markers_;
  QLineEdit* instruction_ = nullptr;
  QLineEdit* response_ = nullptr;
};

// Line ends and tabs as "\n" and "\t", for a line edit; and back.
QString escaped(const QString& text);
QString unescaped(const QString& text);

}  // namespace vernier::ui
