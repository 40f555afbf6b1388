#include "ui/pages/setup/picture_menu.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <utility>

#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

PictureMenu::PictureMenu(QWidget& picture, const QString& name, std::function<TableData()> table)
    : QObject(&picture), picture_(picture), name_(name), table_(std::move(table)) {
  picture_.installEventFilter(this);
}

bool PictureMenu::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::ContextMenu) return QObject::eventFilter(watched, event);
  open(static_cast<QContextMenuEvent*>(event)->globalPos());
  return true;
}

void PictureMenu::open(const QPoint& at) {
  // Not a part of the picture: that would be painted with it.
  if (messages_ == nullptr) messages_ = new MessageBar(picture_.parentWidget());
  QMenu menu(&picture_);
  const auto paint = [this](QPaintDevice& device, const QSize&) {
    // Where the keyboard is, is no part of the picture either.
    const QPointer<QWidget> focus = picture_.hasFocus() ? &picture_ : nullptr;
    picture_.clearFocus();
    picture_.render(&device);
    if (focus != nullptr) focus->setFocus();
  };
  add_picture_actions(menu, picture_, name_, paint, *messages_);
  add_table_actions(menu, picture_, picture_.accessibleName(), name_, table_, *messages_);
  const bool is_empty = table_().rows == 0;
  for (QAction* action : menu.actions()) action->setDisabled(is_empty);
  menu.exec(at);
  messages_->setFixedWidth(picture_.width());
  messages_->adjustSize();
  messages_->move(picture_.pos());
  messages_->raise();
}

}  // namespace vernier::ui
