// Parts of a page of which one is shown at a time, as the user chooses in a list or a bar beside it.
#pragma once

#include <QHash>
#include <QStackedWidget>
#include <QString>

namespace vernier::ui {

// Any of its parts can be shown at any time: whoever stands beside it follows currentChanged(). A stack whose page
// follows from what there is to show is no such one.
class PartStack : public QStackedWidget {
  Q_OBJECT

 public:
  using QStackedWidget::QStackedWidget;

  void add_part(QWidget* part, const QString& title) {
    titles_.insert(part, title);
    addWidget(part);
  }
  QString title_of(QWidget* part) const { return titles_.value(part); }

 private:
  QHash<QWidget*, QString> titles_;
};

}  // namespace vernier::ui
