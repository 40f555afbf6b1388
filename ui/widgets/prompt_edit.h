// A text of some lines that Ctrl+Enter hands in.
#pragma once

#include <QPlainTextEdit>

namespace vernier::ui {

// Tab leaves it.
class PromptEdit : public QPlainTextEdit {
  Q_OBJECT

 public:
  explicit PromptEdit(int lines, QWidget* parent = nullptr);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }

 Q_SIGNALS:
  void submitted();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  int lines_;
};

}  // namespace vernier::ui
