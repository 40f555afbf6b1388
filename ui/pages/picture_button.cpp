#include "ui/pages/picture_button.h"

#include <QCoreApplication>

#include "ui/pages/describe.h"
#include "ui/style/icons.h"

namespace vernier::ui {

QToolButton* make_picture_button(const char* object_name, const std::function<void(QMenu&)>& fill, QWidget* parent) {
  auto* button = new FocusButton(parent);
  describe(button, object_name, QCoreApplication::translate("PictureButton", "Picture and table"),
           QCoreApplication::translate("PictureButton",
                                       "Copies or saves the picture, and shows or saves the numbers behind it."));
  button->setText(QCoreApplication::translate("PictureButton", "&Picture and table"));
  button->setIcon(make_icon(Icon::kSave));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(button);
  QObject::connect(menu, &QMenu::aboutToShow, button, [menu, fill] {
    menu->clear();
    fill(*menu);
  });
  button->setMenu(menu);
  return button;
}

}  // namespace vernier::ui
