#include "ui/frame/window_place.h"

#include <QAbstractItemView>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabBar>
#include <QTabWidget>
#include <QTimer>
#include <functional>

#include "ui/frame/main_window.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/inspect/conversation_editor.h"
#include "ui/pages/inspect/prompt_panel.h"
#include "ui/pages/inspect/sampling_panel.h"
#include "ui/pages/lessons/lessons_page.h"
#include "ui/pages/run/pinned_row_panel.h"
#include "ui/pages/setup/setup_page.h"

namespace vernier::ui {
namespace {

// Names and, for those without one, kinds and numbers: the same in every window, whatever it speaks.
QString way_to(const QWidget& widget) {
  QStringList way;
  for (const QWidget* at = &widget; at->parentWidget() != nullptr && !at->isWindow(); at = at->parentWidget()) {
    if (!at->objectName().isEmpty()) {
      way.prepend(at->objectName());
      continue;
    }
    int number = 0;
    for (const QObject* sibling : at->parentWidget()->children()) {
      if (sibling == at) break;
      if (sibling->metaObject() == at->metaObject() && sibling->objectName().isEmpty()) ++number;
    }
    way.prepend(QStringLiteral("%1 %2").arg(QLatin1String(at->metaObject()->className())).arg(number));
  }
  return way.join(QLatin1Char('/'));
}

template <typename Widget>
void for_each(MainWindow& window, const std::function<void(Widget&, const QString&)>& call) {
  for (Widget* one : window.findChildren<Widget*>()) {
    if (one->window() == &window) call(*one, way_to(*one));
  }
}

// What is set up is the draft's, and a conversation's turns come and go: neither is a text of its own.
template <typename Field>
bool is_free_text(MainWindow& window, const Field& field) {
  if (field.objectName().isEmpty() || field.objectName().startsWith(QLatin1String("qt_")) || field.isReadOnly()) {
    return false;
  }
  for (const auto* editor : window.findChildren<ConversationEditor*>()) {
    if (editor->isAncestorOf(&field)) return false;
  }
  return !window.setup_page().isAncestorOf(&field);
}

bool is_list_of_parts(const QAbstractItemView& view) {
  return view.objectName() == QLatin1String("setupSteps") || view.objectName() == QLatin1String("lessonsList");
}

// A tab widget tells of its own bar.
bool stands_alone(const QTabBar& bar) {
  return qobject_cast<const QTabWidget*>(bar.parentWidget()) == nullptr;
}

}  // namespace

WindowPlace::WindowPlace(MainWindow& window) : page_(static_cast<int>(window.shown_page())) {
  for_each<QTabWidget>(window, [this](QTabWidget& tabs, const QString& way) { numbers_[way] = tabs.currentIndex(); });
  for_each<QTabBar>(window, [this](QTabBar& bar, const QString& way) {
    if (stands_alone(bar)) numbers_[way] = bar.currentIndex();
  });
  for_each<QAbstractItemView>(window, [this](QAbstractItemView& view, const QString& way) {
    if (is_list_of_parts(view)) numbers_[way] = view.currentIndex().row();
  });
  for_each<QScrollArea>(
      window, [this](QScrollArea& area, const QString& way) { numbers_[way] = area.verticalScrollBar()->value(); });
  for_each<QLineEdit>(window, [&](QLineEdit& edit, const QString& way) {
    if (is_free_text(window, edit)) texts_[way] = edit.text();
  });
  for_each<QPlainTextEdit>(window, [&](QPlainTextEdit& edit, const QString& way) {
    if (is_free_text(window, edit)) texts_[way] = edit.toPlainText();
  });
  for_each<QRadioButton>(window, [&](QRadioButton& choice, const QString& way) {
    if (!window.setup_page().isAncestorOf(&choice)) numbers_[way] = choice.isChecked() ? 1 : 0;
  });
  if (const auto* panel = window.findChild<PromptPanel*>()) prompt_ = panel->prompt();
  if (const auto* panel = window.findChild<SamplingPanel*>()) {
    sampling_ = panel->sampling();
    strength_ = panel->strength();
  }
  if (auto* compare = window.findChild<ComparePage*>()) compared_ = compare->choice().chosen();
  if (const auto* pinned = window.findChild<PinnedRowPanel*>()) pinned_row_ = pinned->row();
}

void WindowPlace::restore(MainWindow& window) const {
  window.show_page(static_cast<PageId>(page_));
  if (auto* panel = window.findChild<PromptPanel*>(); panel != nullptr && prompt_) panel->set_prompt(*prompt_);
  if (auto* panel = window.findChild<SamplingPanel*>(); panel != nullptr && sampling_) {
    panel->set_sampling(*sampling_);
    panel->set_strength(strength_);
  }
  if (auto* compare = window.findChild<ComparePage*>()) compare->choose(compared_);
  if (auto* pinned = window.findChild<PinnedRowPanel*>(); pinned != nullptr && pinned_row_ >= 0) {
    pinned->pin(pinned_row_);
  }
  for_each<QLineEdit>(window, [&](QLineEdit& edit, const QString& way) {
    if (is_free_text(window, edit) && texts_.contains(way)) edit.setText(texts_[way]);
  });
  for_each<QPlainTextEdit>(window, [&](QPlainTextEdit& edit, const QString& way) {
    if (is_free_text(window, edit) && texts_.contains(way)) edit.setPlainText(texts_[way]);
  });
  for_each<QTabWidget>(window, [this](QTabWidget& tabs, const QString& way) {
    tabs.setCurrentIndex(numbers_.value(way, tabs.currentIndex()));
  });
  for_each<QTabBar>(window, [this](QTabBar& bar, const QString& way) {
    if (stands_alone(bar)) bar.setCurrentIndex(numbers_.value(way, bar.currentIndex()));
  });
  for_each<QAbstractItemView>(window, [this](QAbstractItemView& view, const QString& way) {
    if (!is_list_of_parts(view) || view.model() == nullptr) return;
    view.setCurrentIndex(view.model()->index(numbers_.value(way, 0), 0));
  });
  for_each<QRadioButton>(window, [this](QRadioButton& choice, const QString& way) {
    if (numbers_.value(way, 0) == 1) choice.setChecked(true);
  });
  if (auto* lessons = window.findChild<LessonsPage*>()) lessons->show_again();  // beside what was predicted
  // Once what is shown has its place.
  QTimer::singleShot(0, &window, [&window, numbers = numbers_] {
    for_each<QScrollArea>(window, [&numbers](QScrollArea& area, const QString& way) {
      area.verticalScrollBar()->setValue(numbers.value(way, 0));
    });
  });
}

}  // namespace vernier::ui
