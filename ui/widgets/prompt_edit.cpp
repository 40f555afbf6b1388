#include "ui/widgets/prompt_edit.h"

#include <QKeyEvent>

namespace vernier::ui {
namespace {

constexpr int kFrame = 16;  // margins of the document and the frame, above and below

}  // namespace

PromptEdit::PromptEdit(int lines, QWidget* parent) : QPlainTextEdit(parent), lines_(lines) {
  setTabChangesFocus(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize PromptEdit::sizeHint() const {
  return {200, fontMetrics().lineSpacing() * lines_ + kFrame};
}

void PromptEdit::keyPressEvent(QKeyEvent* event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (!enter || !event->modifiers().testFlag(Qt::ControlModifier)) return QPlainTextEdit::keyPressEvent(event);
  Q_EMIT submitted();
}

}  // namespace vernier::ui
