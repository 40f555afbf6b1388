// One setting of the run that is being set up: its words, its control, why it matters, and what is wrong with it.
#pragma once

#include <QLabel>
#include <QWidget>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ui/session/run_draft.h"
#include "ui/style/icons.h"
#include "ui/widgets/state_icon.h"

class QAction;
class QCheckBox;
class QComboBox;
class QGridLayout;
class QLineEdit;

namespace vernier::ui {

constexpr int kFieldLabelChars = 19;  // the labels' column
// Of a row that is no field but stands among them: what follows it begins where their controls do.
void put_in_label_column(QLabel* label);

struct FieldText {
  const char* key;  // the field's own name in a run file: "lora.lora_alpha"
  QString label;    // plain words
  QString why;      // one line: what it does to the run
  QString unit;     // "tokens"; "" for none
};

// Follows the draft; what is typed becomes an undoable change as soon as it can be one, and is marked where it cannot.
class DraftField : public QWidget {
  Q_OBJECT

 public:
  bool has_error() const { return !error_.isEmpty(); }
  // The field's label with what is wrong.
  QString problem() const;
  const char* key() const { return text_.key; }
  // A remark that does not stop a run, in words; "" for none. An error hides it.
  void set_advice(const QString& advice);
  QWidget* control() const { return control_; }

 Q_SIGNALS:
  // has_error() or problem() may have changed.
  void errorChanged();

 protected:
  DraftField(RunDraft& draft, FieldText text, QWidget* parent);
  // To be called once, by the constructor of the class that has made its control.
  void set_control(QWidget* control);
  // The same for one that takes the whole width, with a button behind it.
  void set_wide_control(QWidget* control, QWidget* button);
  // Shows what the draft says.
  virtual void show_draft() = 0;
  // What was typed and cannot be a change goes, and the draft is shown.
  virtual void give_up_typing() {}
  void set_error(const QString& error);
  // Changes the draft; steps of one visit to the field are one command.
  void edit(const std::function<void(RunConfig&)>& change);
  // The next edit is a command of its own.
  void begin_visit() { ++visit_; }
  RunDraft& draft() const { return draft_; }
  const FieldText& text() const { return text_; }
  // The label without its mnemonic.
  QString plain_label() const;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void changeEvent(QEvent* event) override;
  // Widths that go with the size of the text.
  virtual void fit_to_font();

 private:
  void add_row(QWidget* control, QWidget* button);
  void show_remark();

  RunDraft& draft_;
  FieldText text_;
  QString error_;
  QString advice_;
  int visit_ = 0;
  QWidget* control_ = nullptr;
  QLabel* label_ = nullptr;
  QGridLayout* grid_ = nullptr;
  QWidget* remark_ = nullptr;
  QLabel* remark_icon_ = nullptr;
  QLabel* remark_text_ = nullptr;
};

// What a number may be.
struct NumberRange {
  double low = 0.0;
  double high = 0.0;
  bool whole = true;
  bool low_open = false;   // low itself is not allowed
  bool high_open = false;  // nor is high
  bool doubles = false;    // usual values are powers of two, though it need not be whole
};

// A number, typed; the up and down keys and two buttons in it step to the next one that people usually try.
class NumberField : public DraftField {
  Q_OBJECT

 public:
  NumberField(RunDraft& draft, FieldText text, NumberRange range, std::function<double(const RunConfig&)> get,
              std::function<void(RunConfig&, double)> set, QWidget* parent);

 protected:
  void show_draft() override;
  void give_up_typing() override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void fit_to_font() override;

 private:
  void take(const QString& typed);
  // The next number in that direction; nothing at the range's end.
  std::optional<double> stepped(int direction) const;
  void step(int direction);
  QAction* add_stepper(Icon icon, const char* suffix, const QString& text, int direction);

  NumberRange range_;
  std::function<double(const RunConfig&)> get_;
  std::function<void(RunConfig&, double)> set_;
  double shown_ = 0.0;  // of the draft
  QLineEdit* line_;
  QAction* less_ = nullptr;
  QAction* more_ = nullptr;
};

// One of some named values.
class ChoiceField : public DraftField {
  Q_OBJECT

 public:
  struct Choice {
    QString label;  // with the value's own name: "cosine"
    int value;
  };
  ChoiceField(RunDraft& draft, FieldText text, const QList<Choice>& choices, std::function<int(const RunConfig&)> get,
              std::function<void(RunConfig&, int)> set, QWidget* parent);

 protected:
  void show_draft() override;

 private:
  std::function<int(const RunConfig&)> get_;
  QComboBox* box_;
};

class SwitchField : public DraftField {
  Q_OBJECT

 public:
  SwitchField(RunDraft& draft, FieldText text, std::function<bool(const RunConfig&)> get,
              std::function<void(RunConfig&, bool)> set, QWidget* parent);

 protected:
  void show_draft() override;

 private:
  std::function<bool(const RunConfig&)> get_;
  QCheckBox* box_;
};

// Whole numbers of at least 0, typed with commas between them.
class NumbersField : public DraftField {
  Q_OBJECT

 public:
  NumbersField(RunDraft& draft, FieldText text, std::function<std::vector<std::int64_t>(const RunConfig&)> get,
               std::function<void(RunConfig&, std::vector<std::int64_t>)> set, QWidget* parent);

 protected:
  void show_draft() override;
  void give_up_typing() override;

 private:
  std::function<std::vector<std::int64_t>(const RunConfig&)> get_;
  std::function<void(RunConfig&, std::vector<std::int64_t>)> set_;
  QString shown_;  // of the draft
  QLineEdit* line_;
};

// 0.0002 as "2e-4", 1024 as "1024": as people write settings, and as a field reads them.
QString setting_text(double value);

}  // namespace vernier::ui
