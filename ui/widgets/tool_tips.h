// Tooltips that can be read: Qt shows a plain text on one line, however long it is.
#pragma once

#include <QFontMetrics>
#include <QObject>
#include <QString>

namespace vernier::ui {

// In lines of some 60 characters; its own lines stay. Rich text stays as it is: Qt wraps that.
QString wrapped_tool_tip(const QString& text, const QFontMetrics& metrics);

// While it lives, every tooltip of the application is shown so, wherever its text was set. GUI thread.
class WrappedToolTips : public QObject {
  Q_OBJECT

 public:
  explicit WrappedToolTips(QObject* parent = nullptr);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  bool is_asking_ = false;
};

}  // namespace vernier::ui
