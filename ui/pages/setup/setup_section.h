// A titled group of settings with a picture of what they do beside it, or below where there is no room.
#pragma once

#include <QBoxLayout>
#include <QWidget>

class QFrame;
class QToolButton;
class QVBoxLayout;

namespace vernier::ui {

class SetupSection : public QWidget {
  Q_OBJECT

 public:
  enum class Folding { kNever, kFolded };

  SetupSection(const char* object_name, const QString& title, const QString& explanation, QWidget* parent,
               Folding folding = Folding::kNever);

  // Below those before it, in the column of the settings.
  void add(QWidget* widget);
  // In the other column.
  void add_picture(QWidget* widget);
  void unfold();
  // `body` is hidden while the section is folded.
  bool folds(const QWidget* body) const { return fold_ != nullptr && body == body_; }
  // The first of its page: no line parts it from anything.
  void stand_first();

  QSize minimumSizeHint() const override;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void arrange();

  QFrame* line_ = nullptr;
  QToolButton* fold_ = nullptr;
  QWidget* body_ = nullptr;
  QBoxLayout* columns_ = nullptr;
  QVBoxLayout* settings_ = nullptr;
  QVBoxLayout* pictures_ = nullptr;
};

}  // namespace vernier::ui
