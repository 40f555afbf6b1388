#include "ui/frame/command_palette.h"

#include <QKeyEvent>
#include <QPointer>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {

CommandPalette::CommandPalette(QList<QAction*> actions, QWidget* parent)
    : QDialog(parent, Qt::Popup), actions_(std::move(actions)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setObjectName(QStringLiteral("commandPalette"));
  setWindowTitle(tr("Find a command"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceSmall, kSpaceSmall, kSpaceSmall, kSpaceSmall);
  field_ = new QLineEdit(this);
  describe(field_, "paletteField", tr("Find a command"), tr("Type a few letters; arrows choose, Enter does it."));
  field_->setPlaceholderText(tr("Pages, actions, settings\u2026"));
  list_ = new QListWidget(this);
  describe(list_, "paletteList", tr("Commands found"), tr("Enter does the selected one."));
  list_->setFocusPolicy(Qt::NoFocus);
  layout->addWidget(field_);
  layout->addWidget(list_);
  field_->installEventFilter(this);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(field_, &QLineEdit::returnPressed, this, &CommandPalette::trigger);
  connect(list_, &QListWidget::itemActivated, this, &CommandPalette::trigger);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::trigger);
  filter({});
  resize(character_width(fontMetrics()) * 75, fontMetrics().height() * 18);
  const QPoint top(parent->width() / 2 - width() / 2, kSpaceHuge * 2);
  move(parent->mapToGlobal(top));
  field_->setFocus();
}

void CommandPalette::filter(const QString& text) {
  const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const auto holds_all = [&words](const QString& searched) {
    return std::all_of(words.begin(), words.end(),
                       [&searched](const QString& word) { return searched.contains(word, Qt::CaseInsensitive); });
  };
  // What is called so comes before what is explained so.
  QList<QAction*> found;
  qsizetype named = 0;
  for (QAction* action : std::as_const(actions_)) {
    if (!action->isEnabled()) continue;
    const QString name = without_mnemonic(action->text());
    if (holds_all(name)) {
      found.insert(named++, action);
    } else if (holds_all(name + QLatin1Char(' ') + action->statusTip())) {
      found.append(action);
    }
  }
  list_->clear();
  for (QAction* action : std::as_const(found)) {
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    auto* item =
        new QListWidgetItem(keys.isEmpty() ? without_mnemonic(action->text())
                                           : QStringLiteral("%1    %2").arg(without_mnemonic(action->text()), keys));
    item->setToolTip(action->statusTip());
    item->setData(Qt::UserRole, QVariant::fromValue<QObject*>(action));
    list_->addItem(item);
  }
  list_->setCurrentRow(0);
}

void CommandPalette::trigger() {
  const QListWidgetItem* item = list_->currentItem();
  const QPointer<QAction> action = item ? qobject_cast<QAction*>(item->data(Qt::UserRole).value<QObject*>()) : nullptr;
  close();
  if (action) action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == field_ && event->type() == QEvent::KeyPress && list_->count() > 0) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int step = key == Qt::Key_Down ? 1 : list_->count() - 1;
      list_->setCurrentRow((list_->currentRow() + step) % list_->count());
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

}  // namespace vernier::ui
